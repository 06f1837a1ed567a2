"""What the desk is told by e-mail: gathered, only while it is there, and nothing of any person."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from callbacks import notices
from callbacks.actions import desk
from callbacks.desk_mail import owe_desk_mail
from callbacks.models import Notification, SpecialDay
from callbacks.states import Outcome
from tests.conftest import LONDON, MONDAY
from tests.test_notices import nobody_listens, visible_text

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=LONDON)
BEFORE_OPENING = datetime(2026, 11, 23, 8, 45, tzinfo=LONDON)
TUESDAY = MONDAY + timedelta(days=1)

PERSONAL = {
    "full_name": "Canary Name",
    "phone": "+447700900999",
    "email": "canary@example.com",
    "message": "canary message",
    "procedure": "canary procedure",
    "procedure_date": "canary date",
    "clinic": "canary clinic",
    "call_needs": "canary needs",
}


@pytest.fixture(autouse=True)
def _the_desk_has_an_address(settings) -> None:
    settings.NOTIFY = ["desk@example.com", "second@example.com"]


def each_minute(start: datetime, end: datetime) -> list:
    """The worker's round, once a minute; the e-mails to the desk, with the time they went out."""
    went = []
    now = start
    while now <= end:
        owe_desk_mail(now=now)
        notices.send_owed(now=now)
        went += [(now, message) for message in mail.outbox if "desk@example.com" in message.to]
        mail.outbox.clear()
        now += MINUTE
    return went


def test_forty_requests_of_a_weekend_are_one_e_mail_a_quarter_of_an_hour_before_opening(asked):
    for number in range(28):
        asked(full_name=f"Person {number}", at=SATURDAY + number * MINUTE)
    nine = BEFORE_OPENING + 15 * MINUTE
    for number in range(12):
        start = nine + number // 2 * timedelta(minutes=30)
        asked(full_name=f"Slot {number}", at=SATURDAY + timedelta(hours=1), wanted_at=start)
    assert each_minute(SATURDAY, SATURDAY + 30 * MINUTE) == []
    ((at, message),) = each_minute(BEFORE_OPENING - 5 * MINUTE, nine)
    assert at == BEFORE_OPENING
    assert message.subject == "40 requests waiting"
    assert message.body.startswith("40 waiting: 12 chose a time, the first today at 9:00.\n")
    assert message.to == ["desk@example.com", "second@example.com"]
    assert len([line for line in message.body.splitlines() if "today" in line]) == 1 + 40
    assert "http://localhost:8000/admin/callbacks/callbackrequest/\n" in message.body
    arrivals = Notification.objects.filter(kind="arrival")
    assert set(arrivals.values_list("sent_at", "try_again_at")) == {(BEFORE_OPENING, None)}


@pytest.mark.parametrize(
    ("asked_at", "told_at"),
    [
        ("2026-12-24 18:00", "2026-12-29 08:45"),  # Christmas, a weekend, the substitute day
        ("2027-03-27 12:00", "2027-03-30 08:45"),  # Easter, and the clocks go forward
        ("2027-10-30 12:00", "2027-11-01 08:45"),  # the clocks go back
        ("2026-11-23 08:50", "2026-11-23 08:50"),  # the desk is there already
        ("2026-11-23 17:29", "2026-11-23 17:29"),
        ("2026-11-23 17:30", "2026-11-24 08:45"),
    ],
)
def test_the_desk_is_told_when_it_is_there(asked, asked_at, told_at):
    asked_at, told_at = (
        datetime.fromisoformat(each).replace(tzinfo=LONDON).astimezone(LONDON) for each in (asked_at, told_at)
    )
    asked(at=asked_at)
    told = each_minute(asked_at, asked_at + MINUTE) + each_minute(told_at - 2 * MINUTE, told_at)
    assert [at for at, _ in told] == [told_at] * len(told)
    assert len(told) == 1


def test_while_we_are_open_there_is_one_e_mail_in_five_minutes_at_most(asked):
    went = []
    for minute in range(12):
        now = MONDAY + minute * MINUTE
        asked(full_name=f"Person {minute}", at=now)
        went += each_minute(now, now)
    assert [(at - MONDAY) // MINUTE for at, _ in went] == [0, 5, 10]
    assert [message.subject for _, message in went] == [
        "1 request waiting",
        "5 requests waiting",
        "5 requests waiting",
    ]


def test_who_has_been_called_or_has_cancelled_meanwhile_is_not_counted(asked, anna):
    gone, stays = asked(full_name="Gone", at=SATURDAY), asked(full_name="Stays", at=SATURDAY)
    desk.close(pk=gone.pk, by=anna, now=SATURDAY, outcome=Outcome.WITHDRAWN)
    ((_, message),) = each_minute(BEFORE_OPENING, BEFORE_OPENING)
    assert message.body.startswith("1 waiting: all as soon as possible.")
    assert (gone.reference in message.body, stays.reference in message.body) == (False, True)


def test_with_nobody_left_no_e_mail_is_sent(asked, anna):
    gone = asked(at=SATURDAY)
    desk.close(pk=gone.pk, by=anna, now=SATURDAY, outcome=Outcome.WITHDRAWN)
    assert each_minute(BEFORE_OPENING, BEFORE_OPENING) == []
    assert Notification.objects.count() == 0


def test_a_person_who_asked_twice_counts_once(asked):
    asked(at=SATURDAY)
    second = asked(at=SATURDAY + MINUTE, message="again")
    ((_, message),) = each_minute(BEFORE_OPENING, BEFORE_OPENING)
    assert message.subject == "1 request waiting"
    assert second.reference in message.body


def test_what_is_set_apart_is_not_announced(asked):
    asked(set_apart_because="Doubtful.")
    assert each_minute(MONDAY, MONDAY) == []


def test_without_an_address_nothing_is_owed_to_the_desk(asked, settings):
    settings.NOTIFY = []
    asked(at=SATURDAY)
    assert each_minute(BEFORE_OPENING, MONDAY) == []
    assert Notification.objects.count() == 0


def test_what_is_nearly_due_and_in_nobodys_hands_is_told_each_quarter_of_an_hour(asked, anna):
    first = asked()  # by 11:00: three quarters are over at 10:45
    second = asked(full_name="Other")
    Notification.objects.all().delete()
    assert each_minute(MONDAY, MONDAY + 44 * MINUTE) == []
    ((at, message),) = each_minute(MONDAY + 45 * MINUTE, MONDAY + 59 * MINUTE)
    assert at == MONDAY + 45 * MINUTE
    assert message.subject == "2 requests nearly due"
    assert "2 requests nearly due, or late, and in nobody’s hands." in message.body
    assert f"{first.reference}  today, before 11:00" in message.body

    desk.claim(pk=first.pk, by=anna, now=MONDAY + 59 * MINUTE)
    ((at, message),) = each_minute(MONDAY + 60 * MINUTE, MONDAY + 68 * MINUTE)
    assert (at, message.subject) == (MONDAY + 60 * MINUTE, "1 request nearly due")
    assert second.reference in message.body
    # The claim lapses, and it is in nobody's hands again.
    ((at, message),) = each_minute(MONDAY + 69 * MINUTE, MONDAY + 89 * MINUTE)
    assert (at, message.subject) == (MONDAY + 75 * MINUTE, "2 requests nearly due")


def test_a_chosen_time_is_nearly_over_after_three_quarters_of_it(asked):
    asked(wanted_at=TUESDAY)
    Notification.objects.all().delete()
    went = each_minute(TUESDAY - 30 * MINUTE, TUESDAY + 29 * MINUTE)
    assert [at for at, _ in went] == [TUESDAY + 23 * MINUTE]  # 22.5 minutes


def test_what_was_moved_counts_from_when_it_was_moved(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.DUPLICATE)
    later = MONDAY + timedelta(hours=3)
    desk.reopen(pk=request.pk, by=anna, now=later, reason="It was none")
    Notification.objects.all().delete()
    went = each_minute(later, later + timedelta(hours=1))
    assert went[0][0] == later + 45 * MINUTE


def test_nobody_is_warned_while_we_are_closed(asked):
    asked(at=SATURDAY)
    Notification.objects.all().delete()
    SpecialDay.objects.create(day=MONDAY.date())  # closed after all; what was promised is late
    assert each_minute(MONDAY, MONDAY + 30 * MINUTE) == []


def test_nothing_of_a_person_is_in_any_e_mail_to_the_desk(asked):
    asked(at=SATURDAY, **PERSONAL)
    went = each_minute(BEFORE_OPENING, MONDAY - MINUTE)
    assert [message.subject for _, message in went] == ["1 request waiting", "1 request nearly due"]
    for _, message in went:
        whole = message.message().as_string() + message.body + message.alternatives[0][0]
        assert [each for each in PERSONAL.values() if each in whole or each.split()[0] in whole] == []
        assert "900999" not in whole


def test_the_desks_text_and_html_say_the_same(asked):
    asked(at=SATURDAY)
    ((_, message),) = each_minute(BEFORE_OPENING, BEFORE_OPENING)
    assert " ".join(message.body.split()) == visible_text(message.alternatives[0][0])


def test_when_the_desks_e_mail_fails_so_has_what_it_gathers(asked, settings):
    asked()
    nobody_listens(settings)
    owe_desk_mail(now=MONDAY)
    now = MONDAY
    while notice := Notification.objects.filter(try_again_at__isnull=False).first():
        now = notice.try_again_at
        notices.send_owed(now=now)
    assert list(Notification.objects.order_by("kind").values_list("kind", "failed_at")) == [
        ("arrival", now),
        ("arrivals", now),
    ]
    assert Notification.objects.lost_to_the_desk(since=MONDAY).count() == 1
    assert Notification.objects.to_tell_by_telephone().count() == 0


def test_what_was_told_while_the_clock_was_ahead_keeps_no_e_mail_back(asked):
    asked(at=MONDAY)
    owe_desk_mail(now=MONDAY + timedelta(days=1))
    asked(at=MONDAY, full_name="Tom Other", phone="+447700900102")
    owe_desk_mail(now=MONDAY)
    assert Notification.objects.filter(kind="arrivals").count() == 2
