"""The front page of the desk: its sentence, its button, its rows; and entering who rang."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import hours
from callbacks.actions import desk
from callbacks.admin.desk_page import headline, how_it_stands
from callbacks.models import CallbackRequest
from callbacks.states import Channel, Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DESK = "/admin/"
NEW = "/admin/callbacks/callbackrequest/new/"


@pytest.fixture
def at_desk(client, anna):
    client.force_login(anna)
    return client


def waiting() -> list[CallbackRequest]:
    return list(CallbackRequest.objects.due_a_call().in_desk_order(MONDAY))


def test_forty_of_a_weekend_in_one_sentence(asked):
    friday = MONDAY - timedelta(days=3)
    for number in range(28):
        asked(full_name=f"Soon {number}", at=friday)
    slots = [start for start, _ in hours.slots(hours.DEFAULT, friday) if start > MONDAY]
    for number in range(12):
        asked(full_name=f"Chose {number}", at=friday, wanted_at=slots[number])
    found = waiting()
    assert headline(found, MONDAY) == "40 waiting since Friday: 12 chose a time, 28 as soon as possible"
    # The last of them chose 16:00; and a call takes seven and a half minutes at the pace of eight an hour.
    said = "At this pace done by 16:07; 28 are late."
    assert how_it_stands(hours.DEFAULT, found, MONDAY) == said


@pytest.mark.parametrize(
    ("ago", "since"),
    [(timedelta(), ""), (timedelta(days=1), " since yesterday"), (timedelta(days=9), " since 14 November")],
)
def test_since_when_the_first_of_them_waits(asked, ago, since):
    asked(at=MONDAY - ago)
    assert headline(waiting(), MONDAY) == f"1 waiting{since}: 1 as soon as possible"


def test_done_by_follows_the_pace_and_the_opening_hours():
    eight = [MONDAY] * 8
    assert hours.done_by(hours.DEFAULT, MONDAY, eight) == MONDAY + HOUR
    assert hours.done_by(hours.DEFAULT, MONDAY, [MONDAY + 3 * HOUR]) == MONDAY + 3 * HOUR + HOUR / 8
    evening = MONDAY.replace(hour=17, minute=30)
    assert hours.done_by(hours.DEFAULT, evening, [evening]) == MONDAY + 23 * HOUR + HOUR / 8
    assert hours.done_by(hours.Hours({}), MONDAY, eight) is None


@pytest.mark.parametrize(("late", "words"), [(0, "nobody is late"), (1, "one is late"), (3, "3 are late")])
def test_how_many_are_late(asked, late, words):
    for number in range(4):
        request = asked(full_name=f"Number {number}")
        due_at = MONDAY + (-MINUTE if number < late else HOUR)
        CallbackRequest.objects.filter(pk=request.pk).update(due_at=due_at)
    assert how_it_stands(hours.DEFAULT, waiting(), MONDAY) == f"At this pace done by 10:30; {words}."


def test_who_waits_for_another_day_is_not_counted_into_todays_end(asked):
    asked()
    asked(full_name="Tomorrow", wanted_at=MONDAY + timedelta(days=1))
    said = how_it_stands(hours.DEFAULT, waiting(), MONDAY)
    assert said == "At this pace done by 10:07; nobody is late; 1 not before another day."


def test_nobody_waiting():
    assert headline([], MONDAY) == "Nobody is waiting."
    assert how_it_stands(hours.DEFAULT, [], MONDAY) == "Next slot 12:00."
    evening = MONDAY.replace(hour=18)
    assert how_it_stands(hours.DEFAULT, [], evening) == "Next slot tomorrow at 9:00."


def test_the_empty_desk_says_so(at_desk):
    html = at_desk.get(DESK).content.decode()
    assert "Nobody is waiting." in html
    assert "What comes in stands here by itself." in html
    assert "call-next" not in html


def test_the_title_the_headline_and_the_tab_count_the_same(at_desk, asked, anna):
    now = timezone.now()
    for name in ("One", "Two", "Three"):
        asked(full_name=name, at=now)
    apart = asked(full_name="Apart", at=now, set_apart_because="Doubtful.")
    solicitor = asked(full_name="Solicitor", at=now)
    desk.claim(pk=solicitor.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=solicitor.pk, by=anna, now=now)
    response = at_desk.get(DESK)
    html = " ".join(response.content.decode().split())
    assert "(3) The desk" in html
    assert "<h1>3 waiting: 3 as soon as possible</h1>" in html
    assert html.count('class="field-who"') == 3
    assert ">To call 3<" in html
    assert (">With a solicitor 1<" in html, ">Set apart 1<" in html) == (True, True)
    assert apart.full_name not in html


def test_rows_stand_under_now_next_hour_later_today_and_later(at_desk, asked):
    now = timezone.now()
    for name, due_at in {
        "Late": now - MINUTE,
        "Soon": now + 10 * MINUTE,
        "Hour": now + 70 * MINUTE,
        "Far": now + timedelta(days=3),
    }.items():
        request = asked(full_name=name, at=now)
        CallbackRequest.objects.filter(pk=request.pk).update(due_at=due_at)
    groups = {
        group.name: [row.callback.full_name for row in group.rows]
        for group in at_desk.get(DESK).context["groups"]
    }
    assert (groups["Now"], groups["Next hour"], groups["Later"]) == (["Late", "Soon"], ["Hour"], ["Far"])


def test_the_button_names_the_next_claims_it_and_opens_it(at_desk, asked, anna):
    request = asked(at=timezone.now(), procedure="Thread lift")
    html = at_desk.get(DESK).content.decode()
    assert "<strong>Call Zoë Example</strong>" in html
    assert "thread lift" in html
    response = at_desk.post("/admin/callbacks/callbackrequest/next/", {"named": request.pk})
    assert response["Location"] == f"/admin/callbacks/callbackrequest/{request.pk}/change/"
    assert CallbackRequest.objects.get().claimed_by == anna


def test_who_was_named_may_be_gone_and_that_is_said(at_desk, asked, ben):
    now = timezone.now()
    first, second = asked(full_name="First", at=now), asked(full_name="Second", at=now)
    desk.claim(pk=first.pk, by=ben, now=now)
    response = at_desk.post("/admin/callbacks/callbackrequest/next/", {"named": first.pk}, follow=True)
    assert response.redirect_chain == [(f"/admin/callbacks/callbackrequest/{second.pk}/change/", 302)]
    assert "That one has just gone to somebody else" in response.content.decode()


def test_with_nobody_to_call_the_button_says_so(at_desk):
    response = at_desk.post("/admin/callbacks/callbackrequest/next/", follow=True)
    assert "Nobody is to be called at this moment." in response.content.decode()


def test_the_story_that_is_held_is_not_on_the_button(at_desk, asked):
    request = asked(at=timezone.now(), procedure="Thread lift")
    CallbackRequest.objects.filter(pk=request.pk).update(
        conflict_since=timezone.now(), status=Status.CONFLICT_CHECK
    )
    html = at_desk.get(DESK).content.decode()
    assert "conflict check" in html
    assert "thread lift" not in html.lower()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_desk_costs_the_same_at_one_row_and_at_three(at_desk, asked, rows):
    for number in range(rows):
        asked(full_name=f"Number {number}", at=timezone.now())
    at_desk.get(DESK)
    with CaptureQueriesContext(connection) as queries:
        at_desk.get(DESK)
    assert len(queries) == DESK_QUERIES


DESK_QUERIES = 25


def test_partners_have_another_front_page(client, paula):
    client.force_login(paula)
    assert next(part for part, _ in client.get(DESK).context["parts"]) == "admin/callbacks/_waits.html"
    assert client.post("/admin/callbacks/callbackrequest/next/").status_code == 403
    assert client.get(NEW).status_code == 403


def test_partners_see_what_waits_for_them_with_what_is_late(client, asked, anna, paula):
    now = timezone.now()
    theirs, mine = asked(full_name="Theirs", at=now), asked(full_name="Mine", at=now)
    asked(full_name="The desk’s", at=now)
    for request, solicitor in ((theirs, None), (mine, paula)):
        desk.claim(pk=request.pk, by=anna, now=now)
        desk.pass_to_solicitor(pk=request.pk, by=anna, now=now, solicitor=solicitor)
    CallbackRequest.objects.filter(pk=mine.pk).update(decide_by=now - HOUR, due_at=now - HOUR)
    client.force_login(paula)
    html = client.get(DESK).content.decode()
    assert html.index("Mine") < html.index("Theirs")
    assert "1 h late" in html
    assert "The desk’s" not in html


def test_whoever_has_a_call_in_progress_goes_on_with_it(at_desk, asked, anna):
    now = timezone.now()
    mine, other = asked(full_name="Mine", at=now), asked(full_name="Other", at=now)
    desk.they_rang(pk=mine.pk, by=anna, now=now)
    html = at_desk.get(DESK).content.decode()
    assert "Go on with Mine" in html
    assert f"Call {other.full_name}" not in html


def test_the_button_leads_back_to_what_one_has_though_it_is_no_call_of_the_desks(at_desk, asked, anna):
    now = timezone.now()
    decided, _ = asked(full_name="Decided", at=now), asked(full_name="Other", at=now)
    desk.claim(pk=decided.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=decided.pk, by=anna, now=now)
    desk.claim(pk=decided.pk, by=anna, now=now)
    html = at_desk.get(DESK).content.decode()
    assert ("Go on with Decided" in html, "Call Other" in html) == (True, False)
    response = at_desk.post("/admin/callbacks/callbackrequest/next/")
    assert response["Location"] == f"/admin/callbacks/callbackrequest/{decided.pk}/change/"


# Lines of work besides


def test_a_late_decision_stands_on_the_desk_once_a_person_whoever_has_claimed_it(at_desk, asked, anna):
    now = timezone.now()
    asked(at=now)
    request = asked(at=now, message="Again")
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=now)
    CallbackRequest.objects.update(decide_by=now - MINUTE, due_at=now - MINUTE)
    desk.claim(pk=request.pk, by=anna, now=now)
    assert "1 request with a solicitor should have been decided by now" in at_desk.get(DESK).content.decode()


def test_what_is_overdue_stands_on_the_desk(at_desk, asked, anna):
    now = timezone.now()
    late, long, taken = (
        asked(full_name="A", at=now),
        asked(full_name="B", at=now),
        asked(full_name="C", at=now),
    )
    for request in (late, long):
        desk.claim(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=late.pk, by=anna, now=now)
    CallbackRequest.objects.filter(pk=late.pk).update(decide_by=now - MINUTE, due_at=now - MINUTE)
    desk.call(pk=long.pk, by=anna, now=now)
    CallbackRequest.objects.filter(pk=long.pk).update(claimed_at=now - HOUR)
    desk.close(pk=taken.pk, by=anna, now=now, outcome=Outcome.TAKEN_ON)
    html = at_desk.get(DESK).content.decode()
    assert "1 request with a solicitor should have been decided by now" in html
    assert "1 call in progress for over an hour: still open?" in html
    assert "Is your call with B still open?" in html
    assert "1 request taken on without a case number" in html


# New request


def entered(client, **given):
    answers = {
        "channel": "voicemail",
        "rang_at": f"{timezone.localtime() - HOUR:%Y-%m-%dT%H:%M}",
        "full_name": "Mia Adams",
        "phone": "01632 960 001",
        "when": "asap",
    }
    return client.post(NEW, answers | given)


def test_a_voicemail_becomes_a_request_with_who_typed_it_and_when_they_rang(at_desk, anna):
    assert entered(at_desk).status_code == 302
    request = CallbackRequest.objects.get()
    assert (request.channel, request.status, request.phone) == (
        Channel.VOICEMAIL,
        Status.NEW,
        "+441632960001",
    )
    assert timedelta(minutes=59) <= request.created_at - request.rang_at <= timedelta(minutes=62)
    asked = request.events.get(kind="asked")
    assert (asked.actor, asked.by) == ("staff", anna)


def test_whoever_is_on_the_line_is_in_a_call_at_once(at_desk, anna):
    entered(at_desk, channel="telephone", speaking="yes")
    request = CallbackRequest.objects.get()
    assert (request.claimed_by, request.claim_ends_at, request.attempts) == (anna, None, 1)


def test_a_double_click_enters_one_request(at_desk):
    given = {"rang_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"}
    assert entered(at_desk, **given)["Location"] == entered(at_desk, **given)["Location"]
    assert CallbackRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"phone": "123"}, "Enter a phone number"),
        ({"full_name": ""}, "Enter your name"),
        ({"channel": "web"}, "Choose one of these"),
        ({"rang_at": "2031-01-01T10:00"}, "That is still to come."),
        ({"rang_at": "2020-01-01T10:00"}, "more than a month ago"),
        ({"rang_at": ""}, "Enter when they rang"),
    ],
)
def test_a_wrong_answer_keeps_what_was_typed(at_desk, given, words):
    response = entered(at_desk, message="They sounded upset.", **given)
    assert response.status_code == 422
    html = response.content.decode()
    assert words in html
    assert "They sounded upset." in html
    assert CallbackRequest.objects.count() == 0


def test_a_time_that_cannot_be_had_is_said_and_nothing_is_lost(at_desk):
    response = entered(at_desk, when="2020-01-06T10:00:00+00:00")
    assert response.status_code == 409
    assert "Mia Adams" in response.content.decode()


def test_a_clock_that_is_a_minute_ahead_breaks_nothing(at_desk):
    ahead = f"{timezone.localtime() + MINUTE:%Y-%m-%dT%H:%M:%S}"
    assert entered(at_desk, rang_at=ahead).status_code == 302
    request = CallbackRequest.objects.get()
    assert request.rang_at <= request.created_at
