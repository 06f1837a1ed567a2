"""What was set apart: looked at, made real, closed as spam and taken back; and the lines above the list."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from callbacks import hours, spam
from callbacks.actions import Refused, desk, sorting
from callbacks.admin.marks import Marks, lines
from callbacks.models import CallbackRequest, Event, Notification, SpecialDay
from callbacks.states import Outcome, Status
from tests.client import Client
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
TAB = f"{LIST}?show=set-apart"
HOUR = timedelta(hours=1)
LONG = "A message that goes on and on. " * 10


@pytest.fixture
def at_desk(anna, client) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def apart(asked) -> CallbackRequest:
    return asked(full_name="Apart", message=LONG, set_apart_because=spam.HONEYPOT)


def page_of(response) -> str:
    return unescape(response.content.decode())


def again(request) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def words_at(now) -> list[str]:
    return [line.words for line in lines(Marks(now), now)]


def test_the_tab_shows_name_reasons_and_the_first_hundred_characters(at_desk, apart):
    page = page_of(at_desk.get(TAB))
    assert "Apart" in page
    assert "A field that people never see was filled in." in page
    assert LONG[:99] + "…" in page
    assert LONG[:101] not in page
    assert "23 November, 10:00" in page


def test_what_they_wrote_is_hidden_where_the_story_is(at_desk, apart):
    CallbackRequest.objects.filter(pk=apart.pk).update(conflict_since=MONDAY)
    page = page_of(at_desk.get(TAB))
    assert "A message" not in page
    assert '<td class="field-wrote">hidden</td>' in page


def test_real_on_a_row_puts_it_among_those_to_call_and_comes_back_to_the_tab(at_desk, apart):
    response = at_desk.post(f"{LIST}{apart.pk}/make-real/", {"edits": apart.edits, "back": "set-apart"})
    assert (response.status_code, response["Location"]) == (302, TAB)
    assert again(apart).status == Status.NEW


def test_all_that_the_page_showed_is_closed_as_spam_and_nothing_else(at_desk, asked, apart, anna):
    real = asked(full_name="Real")
    came_later = asked(full_name="Came later", set_apart_because="Doubtful.")
    response = at_desk.post(LIST + "spam/", {"pk": [apart.pk, real.pk]}, follow=True)
    assert "1 request closed as spam." in page_of(response)
    assert (again(apart).status, again(apart).outcome) == (Status.CLOSED, Outcome.SPAM)
    assert again(apart).set_apart_because != ""
    assert (again(real).status, again(came_later).status) == (Status.NEW, Status.SUSPECTED_SPAM)
    event = apart.events.last()
    assert (event.kind, event.by, event.outcome) == ("closed", anna, Outcome.SPAM)


def undo_of(response) -> dict:
    page = response.content.decode()
    form = page[page.index('class="undo"') :]
    value = form[form.index('name="closed_at" value="') + len('name="closed_at" value="') :]
    return {"closed_at": value[: value.index('"')]}


def test_undo_sets_them_apart_again(at_desk, asked, apart):
    other = asked(full_name="Other", set_apart_because="Doubtful.")
    response = at_desk.post(LIST + "spam/", {"pk": [apart.pk, other.pk]}, follow=True)
    response = at_desk.post(LIST + "spam/undo/", undo_of(response), follow=True)
    assert "2 requests set apart again." in page_of(response)
    for request in (apart, other):
        assert (again(request).status, again(request).outcome) == (Status.SUSPECTED_SPAM, "")
        assert request.events.last().kind == "undone"


def test_undo_pressed_twice_is_undo(at_desk, apart):
    undo = undo_of(at_desk.post(LIST + "spam/", {"pk": [apart.pk]}, follow=True))
    at_desk.post(LIST + "spam/undo/", undo)
    response = at_desk.post(LIST + "spam/undo/", undo, follow=True)
    assert "0 requests set apart again." in page_of(response)
    assert again(apart).status == Status.SUSPECTED_SPAM
    assert apart.events.filter(kind="undone").count() == 1


def test_undo_takes_back_only_what_the_same_person_closed_at_that_press(asked, anna, ben):
    first, second = (asked(full_name=name, set_apart_because="Doubtful.") for name in ("First", "Second"))
    sorting.close_as_spam(pks=[first.pk], by=anna, now=MONDAY)
    sorting.close_as_spam(pks=[second.pk], by=anna, now=MONDAY + HOUR)
    later = MONDAY + HOUR
    assert sorting.take_back_spam(closed_at=MONDAY, by=ben, now=later) == 0
    assert sorting.take_back_spam(closed_at=MONDAY, by=anna, now=later) == 1
    assert (again(first).status, again(second).status) == (Status.SUSPECTED_SPAM, Status.CLOSED)


def test_after_an_hour_nothing_is_taken_back(apart, anna):
    sorting.close_as_spam(pks=[apart.pk], by=anna, now=MONDAY)
    with pytest.raises(Refused):
        sorting.take_back_spam(closed_at=MONDAY, by=anna, now=MONDAY + HOUR + timedelta(seconds=1))
    assert again(apart).status == Status.CLOSED


def test_what_was_closed_as_spam_in_another_way_is_not_taken_back(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.SPAM)
    assert sorting.take_back_spam(closed_at=MONDAY, by=anna, now=MONDAY) == 0
    assert again(request).status == Status.CLOSED


@pytest.mark.parametrize("closed_at", ["", "yesterday", "2026-11-23T10:00:00", "0001-01-01T00:00:00+00:00"])
def test_a_hand_made_undo_changes_nothing(at_desk, apart, anna, closed_at):
    sorting.close_as_spam(pks=[apart.pk], by=anna, now=MONDAY)
    assert at_desk.post(LIST + "spam/undo/", {"closed_at": closed_at}).status_code == 302
    assert again(apart).status == Status.CLOSED


@pytest.mark.parametrize("pk", ["", "x", "9" * 40, "-1"])
def test_a_hand_made_list_closes_nothing(at_desk, apart, pk):
    assert at_desk.post(LIST + "spam/", {"pk": [pk]}).status_code == 302
    assert again(apart).status == Status.SUSPECTED_SPAM


@pytest.mark.parametrize("address", ["spam/", "spam/undo/"])
def test_nothing_happens_by_get_or_by_who_sees_nothing_there(at_desk, apart, paula, address):
    assert at_desk.get(LIST + address).status_code == 405
    partner = Client()
    partner.force_login(paula)
    partner.post(LIST + address, {"pk": [apart.pk], "closed_at": MONDAY.isoformat()})
    assert again(apart).status == Status.SUSPECTED_SPAM
    assert Event.objects.filter(kind="closed").count() == 0


# The lines above the list


def test_set_apart_for_an_open_hour_and_not_looked_at_is_one_line(asked, anna):
    for number in range(3):
        asked(full_name=f"Apart {number}", set_apart_because="Doubtful.")
    assert words_at(MONDAY + HOUR - timedelta(seconds=1)) == []
    assert words_at(MONDAY + HOUR) == ["3 requests set apart, not looked at yet"]
    sorting.close_as_spam(pks=list(CallbackRequest.objects.values_list("pk", flat=True)), by=anna, now=MONDAY)
    assert words_at(MONDAY + HOUR) == []


def test_the_hours_of_a_night_do_not_count(asked):
    asked(at=MONDAY.replace(hour=20), set_apart_because="Doubtful.")
    tuesday = MONDAY + timedelta(days=1)
    assert words_at(tuesday.replace(hour=9, minute=59)) == []
    assert words_at(tuesday) == ["1 request set apart, not looked at yet"]


def test_an_e_mail_that_failed_is_work(asked):
    request = asked(email="zoe@example.com")
    request.notices.filter(kind="receipt").update(failed_at=MONDAY, try_again_at=None)
    assert words_at(MONDAY) == ["1 person to be told by telephone, because no e-mail reaches them"]


def test_the_desk_is_told_that_its_own_e_mails_fail(asked, settings):
    Notification.objects.create(kind="arrivals", created_at=MONDAY, failed_at=MONDAY)
    said = ["The desk’s own e-mails do not arrive. Tell whoever looks after the mail server."]
    assert words_at(MONDAY + 23 * HOUR) == said
    assert words_at(MONDAY + 25 * HOUR) == []


def test_a_call_that_cannot_be_kept_is_a_line(asked):
    asked(wanted_at=MONDAY + timedelta(days=1))
    assert words_at(MONDAY) == []
    SpecialDay.objects.create(day=MONDAY.date() + timedelta(days=1))
    assert words_at(MONDAY) == ["1 request to be moved: agree another time with them"]


def test_the_end_of_the_known_bank_holidays_is_a_line(db):
    last = hours.last_known_bank_holidays()
    near_the_end = MONDAY.replace(year=last.year, month=12, day=1)
    assert words_at(near_the_end) == [
        f"The bank holidays that we know end on 31 December {last.year}. Tell whoever looks after the site."
    ]


def test_the_lines_stand_on_the_desk_and_lead_to_the_work(at_desk, asked):
    asked(at=timezone.now() - timedelta(days=30), set_apart_because="Doubtful.")
    words = "1 request set apart, not looked at yet"
    assert f'<a href="{TAB}">{words}</a>' in page_of(at_desk.get("/admin/"))
    assert words not in page_of(at_desk.get(TAB))


def test_tabs_of_what_is_rare_are_there_when_there_is_something_in_them(at_desk, asked):
    page = page_of(at_desk.get(LIST))
    assert ("To be moved" in page, "To be told" in page) == (False, False)
    request = asked(email="zoe@example.com", at=timezone.now())
    request.notices.filter(kind="receipt").update(failed_at=timezone.now(), try_again_at=None)
    page = page_of(at_desk.get(f"{LIST}?show=mail-failed"))
    assert "Zoë Example" in page
    assert '<span class="tag">e-mail failed</span>' in page
    page = page_of(at_desk.get(f"{LIST}{request.pk}/change/"))
    assert "An e-mail to zoe@example.com failed." in page


# One person, one line


def test_a_person_who_asked_twice_is_one_line_and_both_can_be_read(at_desk, asked):
    now = timezone.now()
    first = asked(at=now - HOUR, message="The first message", clinic="Fern Street")
    second = asked(at=now, message="The second message", wanted_at=None)
    rows = at_desk.get(LIST).context["cl"].result_list
    assert list(rows) == [second]
    assert '<span class="tag">2 requests</span>' in page_of(at_desk.get(LIST))
    assert set(at_desk.get(f"{LIST}?show=all").context["cl"].result_list) == {first, second}
    page = page_of(at_desk.get(f"{LIST}{second.pk}/change/"))
    assert "The same person asked besides" in page
    assert "The first message" in page
    assert f'href="/admin/callbacks/callbackrequest/{first.pk}/change/"' in page
    assert page.count("asked again") == 1
    assert page.count("They asked to be called") == 1


def test_the_first_message_stays_hidden_with_the_story(at_desk, asked):
    now = timezone.now()
    first = asked(at=now - HOUR, message="The first message", clinic="Fern Street")
    second = asked(at=now, message="The second message")
    CallbackRequest.objects.update(conflict_since=now, status="conflict_check")
    page = page_of(at_desk.get(f"{LIST}{second.pk}/change/"))
    assert ("The first message" in page, "The second message" in page) == (False, False)
    assert first.reference in page


def test_who_shares_a_number_is_shown_and_not_merged(at_desk, asked):
    asked(full_name="Tom Other", phone="+447700900111")
    zoe = asked(phone="+447700900111", at=timezone.now())
    page = page_of(at_desk.get(f"{LIST}{zoe.pk}/change/"))
    assert "Same number" in page
    assert "Tom Other" in page
    assert "The same person" not in page


def test_a_changed_time_says_from_what(at_desk, asked):
    start = next(start for start, _ in hours.slots(hours.DEFAULT, timezone.now() + timedelta(days=1)))
    asked(at=timezone.now(), wanted_at=start)
    asked(at=timezone.now(), message="Sooner, please")
    first = CallbackRequest.objects.order_by("pk").first()
    page = page_of(at_desk.get(f"{LIST}{first.pk}/change/"))
    assert "changed from" in page
    assert hours.clock(start + timedelta(minutes=30)) in page[page.index("changed from") :][:60]
