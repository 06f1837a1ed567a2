"""What its buttons do, and in which state each is offered to whom."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from callbacks import hours
from callbacks.actions import desk
from callbacks.admin.questions import HalfHourForm
from callbacks.admin.verbs import VERBS, offered
from callbacks.states import Outcome, Status
from tests.request_page.steps import LIST, MINUTE, again, everything, kinds, page, press, resembling, verb

pytestmark = pytest.mark.django_db


def test_a_request_is_worked_from_claim_to_outcome(asked, at_desk, anna):
    request = asked(at=timezone.now())
    for name in ("claim", "call", "spoke"):
        response = press(at_desk, request, name)
        assert (response.status_code, response["Location"]) == (302, page(request))
    press(at_desk, request, "close", outcome="taken_on", reason="File opened.")
    closed = again(request)
    assert (closed.status, closed.outcome) == (Status.CLOSED, Outcome.TAKEN_ON)
    assert kinds(request) == ["asked", "claimed", "calling", "spoke", "closed"]
    assert {event.by for event in request.events.exclude(kind="asked")} == {anna}
    assert [note.text for note in request.notes.all()] == ["File opened."]


# From each state, what is offered to the person whose claim it is, and to a colleague.
# fmt: off
ANY = ["note"]
OFFERED = {
    "suspected_spam": (["make-real", "close", "correct-number", *ANY],) * 2,
    "conflict_check": (["claim", "they-rang", "agree-another-time", "close", "correct-number", *ANY],) * 2,
    "new": (["claim", "they-rang", "carried-out-by", "agree-another-time", "close", "correct-number", *ANY],) * 2,  # noqa: E501
    "claimed": (
        ["call", "they-rang", "release", "carried-out-by", "call-again", "agree-another-time", "pass-to-solicitor", "close", "correct-number", *ANY],  # noqa: E501
        ["they-rang", *ANY],
    ),
    "spoken": (
        ["call", "they-rang", "release", "carried-out-by", "call-again", "agree-another-time", "pass-to-solicitor", "close", "correct-number", *ANY],  # noqa: E501
        ["they-rang", *ANY],
    ),
    "calling": (["spoke", "no-answer", "wrong-number", "release", "carried-out-by", "correct-number", *ANY], ANY),  # noqa: E501
    "lapsed": (["claim", "they-rang", "carried-out-by", "close", "correct-number", *ANY],) * 2,
    "waiting": (["claim", "they-rang", "carried-out-by", "agree-another-time", "close", "correct-number", *ANY],) * 2,  # noqa: E501
    "with_solicitor": (["claim", "they-rang", "carried-out-by", "correct-number", *ANY],) * 2,
    "closed": (["reopen", *ANY],) * 2,
}
# fmt: on


@pytest.mark.parametrize("state", OFFERED)
def test_only_what_is_possible_is_offered(asked, anna, ben, now, state):
    request = asked(set_apart_because="Doubtful." if state == "suspected_spam" else "")
    if state in {"claimed", "spoken", "calling", "lapsed", "waiting", "with_solicitor"}:
        desk.claim(pk=request.pk, by=anna, now=now)
    if state in {"calling", "spoken", "waiting"}:
        desk.call(pk=request.pk, by=anna, now=now)
    if state == "spoken":
        desk.spoke(pk=request.pk, by=anna, now=now)
    if state == "waiting":
        desk.no_answer(pk=request.pk, by=anna, now=now)
    if state == "with_solicitor":
        desk.pass_to_solicitor(pk=request.pk, by=anna, now=now)
    if state == "closed":
        desk.close(pk=request.pk, by=anna, now=now, outcome=Outcome.SPAM)
    if state == "conflict_check":
        resembling(request)
    later = now + 10 * MINUTE if state == "lapsed" else now
    found = again(request)
    assert (offered(found, anna, later), offered(found, ben, later)) == OFFERED[state]


def test_after_a_call_the_page_asks_what_follows(asked, at_desk):
    request = asked(at=timezone.now())
    asks = "You have spoken. Say below what follows."
    for name, has_spoken in (("claim", False), ("call", False), ("spoke", True), ("release", False)):
        press(at_desk, request, name)
        assert (asks in at_desk.get(page(request)).content.decode()) == has_spoken, name


def test_a_message_is_offered_where_they_allowed_one(asked, anna, now):
    request = asked(leave_message=True)
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.call(pk=request.pk, by=anna, now=now)
    assert "left-message" in offered(again(request), anna, now)


def test_partners_decide_what_is_with_a_solicitor(asked, anna, paula, now):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=now)
    assert offered(again(request), paula, now) == [
        "claim",
        "they-rang",
        "carried-out-by",
        "call-again",
        "close",
        "correct-number",
        "note",
    ]


def test_every_verb_leaves_the_event_it_says(asked, at_desk):
    tuesday = hours.open_days_after(hours.DEFAULT, timezone.now(), 1).date().isoformat()
    half_hour = {"day": tuesday, "half_hour": "10:00"}
    first = asked(at=timezone.now(), leave_message=True)
    apart = asked(full_name="Apart", set_apart_because="Doubtful.")
    steps = [
        (apart, "make-real", {}),
        (first, "claim", {}),
        (first, "release", {}),
        (first, "claim", {}),
        (first, "call", {}),
        (first, "left-message", {}),
        (first, "claim", {}),
        (first, "call", {}),
        (first, "spoke", {}),
        (first, "call-again", half_hour),
        (first, "agree-another-time", half_hour),
        (first, "claim", {}),
        (first, "call", {}),
        (first, "no-answer", {}),
        (first, "correct-number", {"typed": "01632 960 001"}),
        (first, "claim", {}),
        (first, "call", {}),
        (first, "wrong-number", {}),
        (first, "note", {"text": "Calm."}),
        (first, "close", {"outcome": "duplicate"}),
        (first, "reopen", {"reason": "They rang."}),
        (first, "carried-out-by", {"clinic": "Fern Street"}),
        (first, "they-rang", {}),
        (first, "spoke", {}),
        (first, "close", {"outcome": "taken_on"}),
        (first, "hand-over", {"case_number": "2026/17"}),
        (first, "reopen", {"reason": "They think again."}),
        (first, "close", {"outcome": "no_breach"}),
        (first, "said-not-acting", {}),
        (first, "reopen", {"reason": "Another doctor has looked."}),
        (first, "claim", {}),
        (first, "pass-to-solicitor", {"solicitor": "", "day": ""}),
    ]
    for request, name, answers in steps:
        response = press(at_desk, request, name, **answers)
        assert (response.status_code, kinds(request)[-1]) == (302, VERBS[name].leaves), name
    # A manager's and a partner's: see below
    assert {name for _, name, _ in steps} == set(VERBS) - {"take-over", "clear-conflict"}


def test_only_a_manager_takes_over_what_somebody_has(asked, anna, ben, maya, client):
    request = asked(at=timezone.now())
    desk.claim(pk=request.pk, by=anna, now=timezone.now())
    for person, offered_to_them, status in ((ben, False, 403), (maya, True, 302)):
        client.force_login(person)
        shown = "Take it over" in client.get(page(request)).content.decode()
        response = press(client, request, "take-over", reason="Anna has gone home.")
        assert (shown, response.status_code) == (offered_to_them, status)
    assert again(request).claimed_by == maya


def test_the_same_note_by_somebody_else_is_no_second_click(asked, anna, ben, client):
    request = asked()
    edits = again(request).edits
    for person in (anna, ben):
        client.force_login(person)
        client.post(verb(request, "note"), {"edits": edits, "note-text": "Rang back."})
    assert list(request.notes.values_list("by", flat=True)) == [anna.pk, ben.pk]


def test_another_note_from_a_page_left_open_is_another_note(asked, at_desk):
    request = asked()
    edits = again(request).edits
    for text in ("First.", "First.", "Second."):  # the second is a double click
        response = at_desk.post(verb(request, "note"), {"edits": edits, "note-text": text})
        assert response.status_code == 302
    assert list(request.notes.values_list("text", flat=True)) == ["First.", "Second."]


def test_two_who_claim_are_told_apart(asked, anna, ben, client):
    request = asked(at=timezone.now())
    client.force_login(anna)
    press(client, request, "claim")
    client.force_login(ben)
    response = press(client, request, "claim")
    since = hours.clock(again(request).claimed_at)
    assert response.status_code == 409
    assert response.context["answer"].refusal == f"Anna Bell has had this request since {since}."
    assert again(request).claimed_by == anna
    assert kinds(request) == ["asked", "claimed", "seen"]


def test_what_was_typed_stays_when_it_is_refused(asked, at_desk, ben):
    request = asked(at=timezone.now())
    desk.claim(pk=request.pk, by=ben, now=timezone.now())
    response = press(at_desk, request, "close", outcome="no_breach", reason="They were glad.")
    html = response.content.decode()
    assert response.status_code == 409
    assert "Ben Carr has had this request since" in html
    assert "They were glad.</textarea>" in html
    assert '<option value="no_breach" selected>' in html


def test_an_answer_that_is_missing_is_asked_for(asked, at_desk):
    request = asked()
    before = everything()
    response = press(at_desk, request, "close", outcome="", reason="Kept.")
    assert response.status_code == 422
    assert "Choose an outcome" in response.content.decode()
    assert "Kept.</textarea>" in response.content.decode()
    assert everything() == before


def test_a_number_that_cannot_be_dialled_is_refused_with_its_sentence(asked, at_desk):
    request = asked()
    response = press(at_desk, request, "correct-number", typed="999")
    assert response.status_code == 409
    assert response.context["answer"].refusal.startswith("Enter a phone number, like 01632 960 001")
    assert again(request).phone == "+447700900982"


@pytest.mark.parametrize("name", ["claim", "note", "correct-number", "agree-another-time"])
def test_a_second_click_does_nothing_more(asked, at_desk, name):
    request = asked(at=timezone.now())
    tuesday = hours.open_days_after(hours.DEFAULT, timezone.now(), 1).date().isoformat()
    answers = {
        "edits": request.edits,
        "note-text": "Once.",
        "correct-number-typed": "01632 960001",
        "agree-another-time-day": tuesday,
        "agree-another-time-half_hour": "10:00",
    }
    assert at_desk.post(verb(request, name), answers).status_code == 302
    once = everything()
    assert at_desk.post(verb(request, name), answers).status_code == 302
    assert everything() == once


def test_a_second_click_does_nothing_though_somebody_looked_in_between(asked, anna, at_desk):
    request = asked(at=timezone.now())
    answers = {"edits": request.edits, "note-text": "Once."}
    assert at_desk.post(verb(request, "note"), answers).status_code == 302
    at_desk.get(page(request))
    assert at_desk.post(verb(request, "note"), answers).status_code == 302
    assert [note.text for note in request.notes.all()] == ["Once."]


def test_the_same_verb_from_a_newer_page_is_no_second_click(asked, at_desk):
    request = asked()
    press(at_desk, request, "note", text="One.")
    press(at_desk, request, "note", text="Two.")
    assert [note.text for note in request.notes.all()] == ["One.", "Two."]


def test_a_partner_who_sends_one_back_to_the_desk_sees_the_list(asked, anna, paula, client):
    now = timezone.now()
    request = asked(at=now)
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=now, solicitor=paula)
    client.force_login(paula)
    tuesday = hours.open_days_after(hours.DEFAULT, now, 1).date().isoformat()
    response = press(client, request, "call-again", day=tuesday, half_hour="10:00")
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert again(request).status == Status.WAITING


def test_a_solicitor_and_a_day_can_be_named(asked, at_desk, anna, paula):
    request = asked(at=timezone.now())
    day = hours.open_days_after(hours.DEFAULT, timezone.now(), 4)
    press(at_desk, request, "claim")
    press(at_desk, request, "pass-to-solicitor", solicitor=str(paula.pk), day=day.date().isoformat())
    passed = again(request)
    assert (passed.solicitor, passed.decide_by) == (paula, day)


def test_nobody_but_a_partner_can_be_named_as_solicitor(asked, at_desk, anna, ben):
    request = asked(at=timezone.now())
    press(at_desk, request, "claim")
    response = press(at_desk, request, "pass-to-solicitor", solicitor=str(ben.pk), day="")
    assert response.status_code == 422
    assert again(request).status == Status.CLAIMED


# Times


@pytest.mark.parametrize(
    ("day", "utc"),
    [("2027-03-26", "10:00"), ("2027-03-29", "09:00"), ("2027-10-29", "09:00"), ("2027-11-01", "10:00")],
)
def test_a_half_hour_is_meant_in_london_on_both_sides_of_a_clock_change(db, day, utc):
    form = HalfHourForm({"day": day, "half_hour": "10:00"})
    form.fields["day"].choices = [(day, day)]
    assert form.is_valid()
    assert form.cleaned_data["at"].astimezone(hours.UTC).strftime("%H:%M") == utc


def test_only_open_days_and_opening_times_are_on_offer(db):
    form = HalfHourForm()
    today = timezone.localdate()
    days = [datetime.fromisoformat(value).date() for value, _ in form.fields["day"].choices if value]
    assert days
    assert all(hours.opening(hours.DEFAULT, day) for day in days)
    assert today <= days[0]
    assert days[-1] <= today + timedelta(days=hours.HORIZON)
    times = [value for value, _ in form.fields["half_hour"].choices if value]
    assert (times[0], times[-1], len(times)) == ("09:00", "17:00", 17)
