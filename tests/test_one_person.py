"""What nearly made two people of one, or told the wrong one: each found by a second pair of eyes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from callbacks import hours, notices, offer
from callbacks.actions import Refused, booking, desk, sorting, visiting
from callbacks.desk_mail import owe_desk_mail
from callbacks.letters import letter_for
from callbacks.models import CallbackRequest, Note, Notification, SpecialDay
from callbacks.opening import hours_in_force
from callbacks.receipt import receipt_of
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

ONE, OTHER = "+447700900111", "+447700900222"
TUESDAY = MONDAY + timedelta(days=1)


def at(minutes: int) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def again(request) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def called(request, by, now, end=desk.spoke) -> None:
    desk.claim(pk=request.pk, by=by, now=now)
    desk.call(pk=request.pk, by=by, now=now)
    end(pk=request.pk, by=by, now=now + timedelta(minutes=1))


@pytest.fixture
def both(asked):
    """Two requests of one person, closed together."""
    return asked(phone=ONE), asked(phone=ONE, at=at(30), message="again")


def test_the_older_is_not_reopened_while_the_newer_is_with_a_solicitor(both, anna):
    first, second = both
    desk.close(pk=first.pk, by=anna, now=at(31), outcome=Outcome.CLIENT_DECLINED)
    desk.reopen(pk=second.pk, by=anna, now=at(32), reason="They rang")
    called(second, anna, at(33))
    desk.pass_to_solicitor(pk=second.pk, by=anna, now=at(35))
    with pytest.raises(Refused, match="Work on that one"):
        desk.reopen(pk=first.pk, by=anna, now=at(40), reason="They rang")
    assert again(first).status == Status.CLOSED


def test_another_number_does_not_make_another_person_of_one(both, anna):
    first, second = both
    visiting.correct_number(pk=second.pk, by=None, now=at(31), typed=OTHER)
    desk.close(pk=first.pk, by=anna, now=at(31), outcome=Outcome.CLIENT_DECLINED)
    desk.reopen(pk=second.pk, by=anna, now=at(32), reason="They rang")
    with pytest.raises(Refused, match="Work on that one"):
        desk.reopen(pk=first.pk, by=anna, now=at(34), reason="They rang")


def test_made_real_beside_one_that_waits_to_be_given_up_it_waits_as_well(asked, anna):
    apart = asked(phone=ONE, set_apart_because="Doubtful.")
    second = asked(phone=ONE, at=at(5), message="again")
    called(second, anna, at(6), desk.wrong_number)
    sorting.make_real(pk=apart.pk, by=anna, now=at(60))
    assert again(apart).gives_up_at == again(second).gives_up_at == again(apart).due_from


def test_after_a_call_within_its_time_the_receipt_promises_no_other(asked, anna):
    request = asked(wanted_at=TUESDAY)
    called(request, anna, TUESDAY + timedelta(minutes=24))
    for minutes in (26, 31):
        now = TUESDAY + timedelta(minutes=minutes)
        assert receipt_of(again(request), now=now).state_words == "We have spoken."


def test_every_number_that_staff_replace_stays_on_record(asked, anna):
    first = asked(phone=ONE, email="z@example.com")
    asked(phone=OTHER, email="z@example.com", at=at(1))
    desk.correct_number(pk=first.pk, by=anna, now=at(2), typed="07700 900333")
    assert set(CallbackRequest.objects.values_list("phone", flat=True)) == {"+447700900333"}
    assert Note.objects.get().text == "The number was 07700 900 111, 07700 900 222."


def test_a_wrong_number_is_not_the_end_while_there_is_another(asked, anna):
    asked(phone=ONE, email="z@example.com")
    second = asked(phone=OTHER, email="z@example.com", at=at(1))
    called(second, anna, at(2), desk.wrong_number)
    assert (again(second).gives_up_at, again(second).status) == (None, Status.WAITING)


def test_that_we_could_not_reach_them_is_not_said_once_it_is_not_true(asked, anna):
    request = asked(email="z@example.com")
    called(request, anna, MONDAY, desk.wrong_number)
    unreached = Notification.objects.get(kind="unreached")
    assert letter_for(unreached, now=at(1)) is not None
    visiting.choose_time(pk=request.pk, by=None, now=at(1), wanted_at=TUESDAY)
    assert letter_for(Notification.objects.get(kind="unreached"), now=at(2)) is None


def test_made_real_it_says_from_what_the_time_was_changed_and_tells_them(asked, anna):
    first = asked(phone=ONE, wanted_at=TUESDAY, email="z@example.com")
    later = TUESDAY + timedelta(hours=1)
    apart = asked(phone=ONE, at=at(5), set_apart_because="Doubtful.", message="again", wanted_at=later)
    Notification.objects.all().delete()
    sorting.make_real(pk=apart.pk, by=anna, now=at(6))
    assert receipt_of(again(first), now=at(7)).was_words == "Tuesday 24 November, before 10:30"
    assert list(Notification.objects.values_list("kind", "request")) == [("changed", first.pk)]


def test_whoever_asks_in_anothers_name_is_not_the_only_one_to_learn_of_it(asked):
    first = asked(phone=ONE, wanted_at=TUESDAY, email="z@example.com")
    Notification.objects.all().delete()
    second = asked(phone=ONE, at=at(20), message="again", email="stranger@example.com")
    visiting.cancel(pk=second.pk, by=None, now=at(31))
    told = Notification.objects.exclude(kind="arrival").order_by("pk").values_list("kind", "request__email")
    assert [each for each in told if each[1] == first.email] == [
        ("changed", "z@example.com"),
        ("cancelled", "z@example.com"),
    ]


def test_any_promise_on_a_day_that_is_closed_is_to_be_moved(asked, anna):
    late = MONDAY.replace(hour=17, minute=20)
    promised = asked(at=late)  # Tuesday, before 10:00
    agreed = asked(full_name="Ben Other")
    called(agreed, anna, at(1))
    desk.call_again(pk=agreed.pk, by=anna, now=at(3), at=TUESDAY)
    assert booking.to_be_moved(hours_in_force(), late) == []
    SpecialDay.objects.create(day=TUESDAY.date())
    assert set(booking.to_be_moved(hours_in_force(), late)) == {promised, agreed}


def test_before_opening_there_is_one_digest_however_many_go_on_asking(asked, settings):
    settings.NOTIFY = ["desk@example.com"]
    eight = MONDAY.replace(hour=8)
    for minute in range(61):
        now = eight + timedelta(minutes=minute)
        if minute % 4 == 0:
            asked(full_name=f"Person {minute}", at=now)
        owe_desk_mail(now=now)
        notices.send_owed(now=now)
    sent = Notification.objects.filter(kind="arrivals").order_by("pk").values_list("created_at", flat=True)
    assert [(moment - eight) // timedelta(minutes=1) for moment in sent] == [45, 60]


def test_a_time_in_the_hour_that_october_repeats_stays_chosen():
    night = hours.Hours({6: (time(0), time(5))}, {date(2026, 10, 25): (time(0), time(5))})
    chosen = "2026-10-25T01:30:00+01:00"
    drawn = offer.all_times(night, datetime(2026, 10, 24, 12, tzinfo=UTC), chosen=chosen)
    assert drawn.chosen_is_gone is False
    assert [each.value for day in drawn.days for each in day.times if each.is_chosen] == [chosen]
