"""The page of a request in the staff admin: what it says, what its buttons do, and what nothing does."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from callbacks import hours
from callbacks.actions import answering, desk
from callbacks.admin import in_words
from callbacks.admin.questions import HalfHourForm
from callbacks.admin.time_line import time_line
from callbacks.admin.verbs import VERBS, offered
from callbacks.models import CallbackRequest, Event, Note
from callbacks.sight import may_read_story, seen_by
from callbacks.states import Outcome, Status
from tests.client import Client
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def at_desk(anna, client) -> Client:
    client.force_login(anna)
    return client


def page(request: CallbackRequest) -> str:
    return f"{LIST}{request.pk}/change/"


def verb(request: CallbackRequest, name: str) -> str:
    return f"{LIST}{request.pk}/{name}/"


def press(client: Client, request: CallbackRequest, name: str, **answers: str):
    """Press a button of the page as it stands now."""
    edits = CallbackRequest.objects.get(pk=request.pk).edits
    given = {f"{name}-{field}": value for field, value in answers.items()}
    return client.post(verb(request, name), {"edits": edits, **given})


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def kinds(request: CallbackRequest) -> list[str]:
    return list(request.events.values_list("kind", flat=True))


def everything() -> dict[str, object]:
    """All that is stored about requests, to compare; but for who looked at them."""
    of_the_record = Event.objects.of_the_record()
    return {
        rows.model.__name__: list(rows.order_by("pk").values())
        for rows in (CallbackRequest.objects.all(), of_the_record, Note.objects.all())
    }


def resembling(request: CallbackRequest) -> CallbackRequest:
    """The request as the comparison with the firm's list of parties will leave it."""
    CallbackRequest.objects.filter(pk=request.pk).update(status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
    return again(request)


def attempt(request: CallbackRequest, by, at: datetime, end: Callable[..., None]) -> None:
    desk.claim(pk=request.pk, by=by, now=at)
    desk.call(pk=request.pk, by=by, now=at + MINUTE)
    end(pk=request.pk, by=by, now=at + 3 * MINUTE)


# What is said


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


# Doing


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


# What nothing does


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 405),
        ("add/", 404),
        ("{pk}/change/", 405),
        ("{pk}/delete/", 404),
        ("{pk}/history/", 404),
        ("{pk}/set-status/", 404),
    ],
)
def test_a_hand_made_post_changes_nothing(asked, client, maya, address, status):
    request = asked()
    before = everything()
    client.force_login(maya)
    forged = {"full_name": "Forged", "status": "closed", "outcome": "spam", "_save": "Save"}
    assert client.post(LIST + address.format(pk=request.pk), forged).status_code == status
    assert everything() == before


def test_a_verb_takes_none_of_the_models_own_fields(asked, at_desk):
    request = asked()
    before = CallbackRequest.objects.values().get()
    forged = {"full_name": "Forged", "phone": "+441632960001", "due_at": "2027-01-01"}
    at_desk.post(verb(request, "note"), {"edits": 0, "note-text": "Calm."} | forged)
    assert CallbackRequest.objects.values().get() == before | {"edits": 1}


def test_a_verb_by_get_changes_nothing(asked, at_desk):
    request = asked()
    before = everything()
    answers = {name: at_desk.get(verb(request, name)).status_code for name in VERBS}
    assert answers == dict.fromkeys(VERBS, 405)
    assert everything() == before


def test_a_verb_without_its_csrf_token_changes_nothing(asked, anna):
    request = asked()
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    assert press(client, request, "claim").status_code == 403
    assert kinds(request) == ["asked"]


def test_a_verb_by_a_stranger_leads_to_the_login(asked, client):
    request = asked()
    response = press(client, request, "claim")
    assert response["Location"].startswith("/admin/login/")
    assert kinds(request) == ["asked"]


def test_a_verb_on_what_one_does_not_see_changes_nothing(asked, paula, client):
    request = asked()
    client.force_login(paula)
    assert press(client, request, "claim").status_code == 404
    assert client.get(page(request)).status_code == 404
    assert kinds(request) == ["asked"]


def test_staff_who_may_look_but_not_work_change_nothing(asked, anna, client):
    request = asked()
    group = anna.groups.get()
    group.permissions.remove(group.permissions.get(codename="work_callbackrequest"))
    client.force_login(anna)
    html = client.get(page(request)).content.decode()
    assert press(client, request, "claim").status_code == 403
    answer = {"question": "notes", "text": "Mine", "edits": "0"}
    assert client.post(page(request).replace("change", "answer"), answer).status_code == 403
    assert client.post(page(request).replace("change", "undo")).status_code == 403
    assert "edits" not in html
    assert kinds(request) == ["asked", "seen"]


# Who sees what


def test_partners_see_what_waits_for_them_and_the_desk_sees_all(asked, anna, maya, paula, now):
    asked(full_name="Ordinary")
    resembling(asked(full_name="Resembling"))
    passed = asked(full_name="Passed")
    desk.claim(pk=passed.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=passed.pk, by=anna, now=now)
    seen = {
        person.username: {request.full_name for request in seen_by(person)} for person in (anna, maya, paula)
    }
    assert seen == {
        "anna": {"Ordinary", "Resembling", "Passed"},
        "maya": {"Ordinary", "Resembling", "Passed"},
        "paula": {"Resembling", "Passed"},
    }
    desk.claim(pk=passed.pk, by=paula, now=now)
    assert again(passed) in seen_by(paula)


def test_the_story_of_an_open_resemblance_is_hidden_from_all_but_partners(
    asked, anna, maya, paula, client, now
):
    request = asked(
        message="secret message",
        clinic="secret clinic",
        procedure="secret procedure",
        procedure_date="secret date",
        call_needs="Relay UK",
    )
    desk.add_note(pk=request.pk, by=anna, now=now, text="secret note")
    resembling(request)
    found = {}
    for person in (anna, maya, paula):
        client.force_login(person)
        html = client.get(page(request)).content.decode()
        found[person.username] = html.count("secret") > 0
        assert "secret procedure" not in client.get(LIST).content.decode() or person == paula
        assert "Zoë Example" in html
        assert "07700 900982" in html
        assert "Relay UK" in html
        assert may_read_story(person, again(request)) == found[person.username]
    assert found == {"anna": False, "maya": False, "paula": True}


def test_the_story_follows_the_column_and_never_the_status(asked, anna, now):
    request = asked()
    resembling(request)
    desk.claim(pk=request.pk, by=anna, now=now)
    assert not may_read_story(anna, again(request))


def test_a_refused_login_says_so_in_our_words(client, anna):
    html = client.post("/admin/login/", {"username": "anna", "password": "wrong"}).content.decode()
    assert "That name and password do not go together. Check both; capital letters count." in html
    assert "staff account" not in html


def test_calling_again_is_offered_in_the_other_part_of_the_day(asked, at_desk):
    request = asked(at=timezone.now())
    for name in ("claim", "call", "spoke"):
        press(at_desk, request, name)
    offers = {offer.name: offer for offer in at_desk.get(page(request)).context["questions"]}
    now = timezone.now()
    is_morning = timezone.localtime(now).time() < hours.MIDDAY
    found = offers["call-again"].suggestions
    assert found
    assert {half_hour < "12:30" for _, _, half_hour in found} == {not is_morning}
    _, day, half_hour = found[0]
    press(at_desk, request, "call-again", day=day, half_hour=half_hour)
    due_from = timezone.localtime(again(request).due_from)
    assert (due_from.date().isoformat(), f"{due_from:%H:%M}") == (day, half_hour)


def test_what_the_call_needs_is_said_though_an_earlier_request_said_it(asked, at_desk):
    now = timezone.now()
    asked(at=now, call_needs="Relay UK")
    request = asked(at=now, message="Again", call_needs="A woman to speak to")
    assert "Relay UK · A woman to speak to" in at_desk.get(page(request)).content.decode()


def test_whoever_decides_reads_what_was_answered_and_noted(asked, anna, paula, client):
    now = timezone.now()
    request = asked(at=now, clinic="Fern Street")
    desk.they_rang(pk=request.pk, by=anna, now=now)
    answering.write(pk=request.pk, by=anna, now=now, question=answering.NOTES, text="She is calm.", edits=0)
    desk.spoke(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=now)
    client.force_login(paula)
    assert "She is calm." in client.get(page(request)).content.decode()
    CallbackRequest.objects.filter(pk=request.pk).update(conflict_since=now)
    client.force_login(anna)
    assert "She is calm." not in client.get(page(request)).content.decode()


def test_an_outcome_in_other_words_from_a_page_left_open_is_no_second_click(asked, at_desk):
    request = asked(at=timezone.now())
    answers = {"edits": request.edits, "close-outcome": "spam", "close-reason": "Sells tiles."}
    assert at_desk.post(verb(request, "close"), answers).status_code == 302
    assert at_desk.post(verb(request, "close"), answers).status_code == 302
    response = at_desk.post(verb(request, "close"), answers | {"close-reason": "Sells roofs."})
    assert response.status_code == 409
    assert "Sells roofs." in response.content.decode()


def test_whose_session_has_ended_comes_back_from_a_button_to_its_page_and_is_told(asked, client):
    request = asked(at=timezone.now())

    def from_(referer: str):
        return client.post(verb(request, "claim"), headers={"referer": referer})

    assert from_(f"http://testserver{page(request)}")["Location"] == f"/admin/login/?next={page(request)}"
    for elsewhere in ("", "http://example.com/admin/", f"http://testserver{verb(request, 'claim')}"):
        assert from_(elsewhere)["Location"] == "/admin/login/?next=/admin/"
    assert "your last press was not done" in client.get("/admin/login/").content.decode()
    client.post(f"{LIST}{request.pk}/answer/", headers={"x-csrftoken": "x"})
    assert "your last press was not done" not in client.get("/admin/login/").content.decode()
    assert client.post("/admin/logout/")["Location"] == "/admin/"
