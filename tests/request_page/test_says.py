"""What the page of a request says."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from callbacks import hours
from callbacks.actions import desk
from callbacks.admin import in_words
from callbacks.admin.time_line import time_line
from callbacks.states import Outcome
from tests.conftest import LONDON
from tests.request_page.steps import HOUR, LIST, MINUTE, again, attempt, page

pytestmark = pytest.mark.django_db


def test_the_list_says_by_when_whom_what_and_how(asked, at_desk):
    request = asked(procedure="Thread lift", leave_message=True, at=timezone.now())
    rows = at_desk.get(LIST).content.decode()
    due = hours.clock(request.due_at)
    assert f"by {due}</td>" in rows
    assert f'<a href="{page(request)}">Zoë Example</a>' in rows
    assert '<td class="field-what">Thread lift</td>' in rows
    assert '<td class="field-wishes">name only · may leave a message</td>' in rows
    assert '<span class="state new">New</span>' in rows
    assert f'<td class="field-reference">{request.reference}</td>' in rows


@pytest.mark.parametrize(
    ("minutes", "late"),
    [(-1, ""), (0, ""), (1, "1 min late"), (59, "59 min late"), (60, "1 h late"), (1500, "1 day late")],
)
def test_how_late_a_request_is(asked, minutes, late):
    request = asked()
    assert in_words.due(request, request.due_at + minutes * MINUTE).late == late


def test_when_a_request_is_due_in_words(asked, anna, paula, now):
    request = asked()
    assert in_words.due(request, now).words == "by 11:00"
    attempt(request, anna, now, desk.no_answer)
    assert in_words.due(again(request), now).words == "call 12:30–13:30"
    assert in_words.due(again(request), now - timedelta(days=1)).words == "tomorrow, call 12:30–13:30"
    assert in_words.due(again(request), now + timedelta(days=1)).words == "yesterday, call 12:30–13:30"
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=now)
    assert in_words.due(again(request), now).words == "Wednesday, decide by 17:30"
    desk.close(pk=request.pk, by=paula, now=now, outcome=Outcome.NO_BREACH)
    assert in_words.due(again(request), now).words == ""


def test_times_are_londons_in_summer(asked):
    june = datetime(2027, 6, 1, 10, 0, tzinfo=LONDON)
    assert in_words.due(asked(at=june), june).words == "by 11:00"


def test_what_waits_for_the_person_is_never_late(asked, anna, now):
    request = asked()
    attempt(request, anna, now, desk.wrong_number)
    said = in_words.due(again(request), now + timedelta(days=20))
    assert (said.words, said.late) == ("until 7 December", "")


def test_who_has_a_request_and_until_when(asked, anna, ben, now):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=now)
    claimed = again(request)
    assert in_words.state(claimed, ben, now) == "Claimed by Anna Bell until 10:10"
    assert in_words.state(claimed, anna, now) == "You have it until 10:10"
    assert in_words.state(claimed, ben, now + 10 * MINUTE) == "Claim lapsed: Anna Bell"
    desk.call(pk=request.pk, by=anna, now=now)
    assert in_words.state(again(request), ben, now + HOUR) == "Anna Bell is calling"
    desk.no_answer(pk=request.pk, by=anna, now=now)
    assert in_words.state(again(request), ben, now) == "Waiting, 2nd try"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Ask for Zoë Example by name. Say nothing to anyone else. Leave no message."),
        (
            {"say_who": True, "leave_message": True},
            "Ask for Zoë Example by name. You may say who is calling. You may leave a message.",
        ),
    ],
)
def test_the_wishes_stand_above_the_number(asked, at_desk, given, words):
    request = asked(call_needs="Relay UK", **given)
    html = at_desk.get(page(request)).content.decode()
    number = '<a href="tel:+447700900982">07700 900982</a>'
    assert html.index(words) < html.index("Relay UK") < html.index(number)


def test_nobody_is_invited_to_call_for_what_is_closed(asked, at_desk, anna, now):
    request = asked(call_needs="Relay UK", leave_message=True)
    desk.close(pk=request.pk, by=anna, now=now, outcome=Outcome.WITHDRAWN)
    html = at_desk.get(page(request)).content.decode()
    assert "07700 900982" in html
    assert "You may leave a message." not in html
    assert "For the call:" not in html


def test_what_was_typed_shows_only_where_it_differs(asked, at_desk):
    plain = asked()
    odd = asked(full_name="Yan", phone_typed="07700-900982 after six")
    assert "They wrote:" not in at_desk.get(page(plain)).content.decode()
    assert "They wrote: 07700-900982 after six" in at_desk.get(page(odd)).content.decode()


def test_what_people_wrote_is_shown_as_words_never_as_markup(asked, at_desk):
    nasty = "<script>alert(1)</script>"
    request = asked(full_name=nasty, message=nasty, procedure=nasty, call_needs=nasty)
    for address in (LIST, page(request)):
        html = at_desk.get(address).content.decode()
        assert nasty not in html
        assert "&lt;script&gt;alert(1)" in html


def test_the_time_line_reads_in_plain_words(asked, anna, ben, now):
    request = asked()
    attempt(request, anna, now, desk.no_answer)
    attempt(request, ben, now + timedelta(days=1), desk.no_answer)
    attempt(request, anna, now + timedelta(days=2), desk.wrong_number)
    desk.correct_number(pk=request.pk, by=anna, now=now + timedelta(days=2, hours=1), typed="01632 960001")
    days = time_line(again(request), with_notes=True, today=now.date() + timedelta(days=2))
    said = [(day.words, [f"{entry.time} {entry.words}" for entry in day.entries]) for day in days]
    assert said == [
        (
            "Monday 23 November 2026",
            [
                "10:00 They asked to be called – due today, before 11:00",
                "10:00 Anna Bell claimed it",
                "10:01 Anna Bell began a call",
                "10:03 Anna Bell got no answer – will try again today, before 13:30",
            ],
        ),
        (
            "Tuesday 24 November 2026",
            [
                "10:00 Ben Carr claimed it",
                "10:01 Ben Carr began a call",
                "10:03 Ben Carr got no answer – will try again today, before 13:30",
            ],
        ),
        (
            "Today",
            [
                "10:00 Anna Bell claimed it",
                "10:01 Anna Bell began a call",
                "10:03 Anna Bell reached a wrong number – they have until Wednesday 9 December to ring us",
                "11:00 Anna Bell corrected the number",
            ],
        ),
    ]
    assert [note.text for note in days[2].entries[3].notes] == ["The number was 07700 900 982."]


def test_the_time_line_says_the_whole_window_that_holds(asked, anna, now):
    request = asked()
    attempt(request, anna, now, desk.no_answer)
    last = time_line(again(request), with_notes=True, today=now.date())[-1].entries[-1]
    assert last.words == "Anna Bell got no answer – will try again today between 12:30 and 13:30"


def test_a_closing_says_its_outcome_and_its_reason(asked, at_desk, anna, now):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=now, outcome=Outcome.LOW_VALUE, reason="Twenty pounds.")
    html = at_desk.get(page(request)).content.decode()
    assert "Anna Bell closed it: not viable: low value" in html
    assert "Twenty pounds." in html
