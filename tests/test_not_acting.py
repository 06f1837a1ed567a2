"""What people are told when the firm does not act, handing over those it does act for, and the record."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from callbacks import notices
from callbacks.actions import Refused, desk
from callbacks.actions.looking import look
from callbacks.models import CallbackRequest, EventKind, MessageTexts, Note, Notification
from callbacks.states import NOT_VIABLE, Outcome
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(seconds=31)
HOUR = timedelta(hours=1)
LIST = "/admin/callbacks/callbackrequest/"


def page(request: CallbackRequest, part: str = "change") -> str:
    return f"{LIST}{request.pk}/{part}/"


@pytest.fixture
def at_desk(client, anna):
    client.force_login(anna)
    return client


@pytest.mark.parametrize("outcome", Outcome)
def test_who_is_told_that_we_do_not_act(asked, anna, outcome):
    request = asked(email="zoe@example.com")
    Notification.objects.all().delete()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=outcome)
    kinds = list(Notification.objects.values_list("kind", flat=True))
    expected = (
        ["not_viable"] if outcome in NOT_VIABLE else ["declined"] if outcome == "client_declined" else []
    )
    assert kinds == expected


@pytest.mark.parametrize("outcome", [Outcome.OUT_OF_TIME, Outcome.CLIENT_DECLINED])
def test_the_letter_is_neutral_and_says_what_it_must(asked, anna, outcome):
    request = asked(email="zoe@example.com", procedure="Thread lift")
    Notification.objects.all().delete()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=outcome)
    assert notices.send_owed(now=MONDAY) == 0
    assert notices.send_owed(now=LATER) == 1
    letter = mail.outbox[0]
    body = " ".join(letter.body.split())
    assert letter.subject == "Your call"
    assert "We are not acting for you" in body
    assert "Time limits apply" in body
    assert "advice" in body
    assert "Cosmetic" not in letter.body[:100]
    assert "Thread" not in letter.body


def test_partners_edit_the_words(asked, anna, client, paula):
    client.force_login(paula)
    texts = {"not_viable": "We cannot act.\n\nSeek advice soon.", "declined": "As you wish."}
    assert client.post("/admin/callbacks/messagetexts/1/change/", texts).status_code == 302
    assert MessageTexts.history.count() == 1
    request = asked(email="zoe@example.com")
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    notices.send_owed(now=LATER)
    assert "We cannot act.\n\nSeek advice soon." in mail.outbox[-1].body


def test_without_an_address_the_desk_says_it_and_that_is_on_record(at_desk, asked, anna):
    now = timezone.now()
    request = asked(at=now)
    desk.close(pk=request.pk, by=anna, now=now, outcome=Outcome.NO_BREACH)
    html = at_desk.get(page(request)).content.decode()
    assert "No e-mail reaches them. Ring, and say:" in html
    assert "We are not acting for you" in html
    assert "1 person to be told by telephone" in at_desk.get("/admin/").content.decode()
    at_desk.post(page(request, "said-not-acting"))
    assert request.events.filter(kind=EventKind.SAID, by=anna).count() == 1
    assert request.notices.count() == 0  # said, it is owed no more
    assert "Ring, and say:" not in at_desk.get(page(request)).content.decode()
    assert "to be told by telephone" not in at_desk.get("/admin/").content.decode()


def test_nothing_is_said_to_somebody_taken_on(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    with pytest.raises(Refused):
        desk.say_not_acting(pk=request.pk, by=anna, now=MONDAY)


# Handing over


def test_somebody_taken_on_has_a_sheet_and_is_asked_for_the_case_number(at_desk, asked, anna):
    request = asked(clinic="Fern Street", message="It hurts.", email="zoe@example.com")
    Note.objects.create(
        request=request, kind="answer", question="Did it swell?", text="Much.", at=MONDAY, by=anna
    )
    assert at_desk.get(page(request, "sheet")).status_code == 403
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    assert list(CallbackRequest.objects.to_hand_over()) == [request]
    at_desk.post(page(request, "hand-over"), {"hand-over-case_number": "2026/17"})
    sheet = at_desk.get(page(request, "sheet")).content.decode()
    for words in (
        "Zoë Example",
        "07700 900982",
        "Fern Street",
        "It hurts.",
        "Did it swell?",
        "Much.",
        "2026/17",
    ):
        assert words in sheet
    assert list(CallbackRequest.objects.to_hand_over()) == []
    assert request.events.filter(kind=EventKind.HANDED_OVER, by=anna).count() == 1


def test_a_case_number_is_for_those_taken_on(asked, anna):
    request = asked()
    with pytest.raises(Refused):
        desk.hand_over(pk=request.pk, by=anna, now=MONDAY, case_number="1")
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    with pytest.raises(Refused, match="Write the case number"):
        desk.hand_over(pk=request.pk, by=anna, now=MONDAY, case_number="")


def test_reopening_takes_the_case_number_away(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    desk.hand_over(pk=request.pk, by=anna, now=MONDAY, case_number="2026/17")
    desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="A mistake.")
    assert CallbackRequest.objects.get().case_number == ""


def test_the_sheet_of_a_held_story_is_for_partners(at_desk, asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    CallbackRequest.objects.update(conflict_since=MONDAY)
    assert at_desk.get(page(request, "sheet")).status_code == 403


# The record


def test_a_look_is_on_record_once_an_hour_for_each_person(asked, anna, ben):
    request = asked()
    for who, at in [(anna, 0), (anna, 59), (ben, 59), (anna, 60)]:
        look(pk=request.pk, by=who, now=MONDAY + timedelta(minutes=at))
    seen = request.events.filter(kind=EventKind.SEEN).values_list("by__username", "at")
    assert list(seen) == [("anna", MONDAY), ("ben", MONDAY + 59 * HOUR / 60), ("anna", MONDAY + HOUR)]


def test_looking_is_folded_away_and_no_part_of_what_happened(at_desk, asked, client, ben):
    request = asked()
    at_desk.get(page(request))
    html = at_desk.get(page(request)).content.decode()
    assert html.count("looked at it") == 0
    assert "<summary>Seen by</summary>" in html
    assert "Anna Bell: " in " ".join(html[html.index("<summary>Seen by") :].split())
    assert request.events.filter(kind=EventKind.SEEN).count() == 1


def test_the_record_tells_everything_but_the_story(at_desk, asked, anna):
    request = asked(message="Quokka", clinic="Fern Quokka", procedure="Quokka lift", email="zoe@example.com")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    Note.objects.create(request=request, kind="note", text="Quokka", at=MONDAY, by=anna)
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON, reason="Quokka")
    look(pk=request.pk, by=anna, now=MONDAY)
    html = at_desk.get(page(request, "record")).content.decode()
    assert "Quokka" not in html
    assert "Zoë" not in html
    for words in ("Record of", str(request), "Anna Bell began a call", "taken on", "23 November 2026, 10:00"):
        assert words in html
    assert "Anna Bell looked at it" not in html
    assert "Anna Bell: 23 November 2026, 10:00" in " ".join(html.split())


def test_reopened_and_taken_on_somebody_is_not_told_that_we_do_not_act(asked, anna):
    by_mail = asked(email="zoe@example.com")
    by_voice = asked(full_name="Mia Adams")
    for request in (by_mail, by_voice):
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
        desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="A second look.")
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    notices.send_owed(now=LATER)
    assert [letter for letter in mail.outbox if "not acting" in letter.body] == []
    assert Notification.objects.to_tell_by_telephone().count() == 0


def test_who_had_an_e_mail_is_not_to_be_told_by_telephone_as_well(at_desk, asked, anna):
    request = asked(email="zoe@example.com", at=timezone.now())
    desk.close(pk=request.pk, by=anna, now=timezone.now(), outcome=Outcome.NO_BREACH)
    assert "I have told them this" not in at_desk.get(page(request)).content.decode()


def test_the_sheet_has_all_that_one_person_asked(at_desk, asked, anna):
    first = asked(message="The first message", clinic="Fern Street")
    second = asked(message="The second message", clinic="Fern Street")
    desk.close(pk=second.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    for request in (first, second):
        sheet = at_desk.get(page(request, "sheet")).content.decode()
        assert "The first message" in sheet
        assert "The second message" in sheet


def test_a_page_that_keeps_itself_current_is_no_other_look(at_desk, asked, anna):
    request = asked()
    look(pk=request.pk, by=anna, now=MONDAY)
    for part in ("change", "record"):
        at_desk.get(page(request, part), headers={"X-Refresh": "1"})
    assert request.events.filter(kind=EventKind.SEEN).count() == 1


def test_nobody_looks_unseen_by_calling_it_a_page_that_keeps_itself_current(at_desk, asked):
    request = asked()
    at_desk.get(page(request), headers={"X-Refresh": "1"})
    assert request.events.filter(kind=EventKind.SEEN).count() == 1


def test_the_printed_record_names_each_day_by_its_date(at_desk, asked):
    request = asked(at=timezone.now())
    assert "<h3>Today</h3>" not in at_desk.get(page(request, "record")).content.decode()


def test_reopened_nobody_is_told_by_another_of_their_requests_that_we_do_not_act(asked, anna):
    first, second = asked(), asked(message="Again")
    desk.close(pk=second.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    assert Notification.objects.to_tell_by_telephone().count() == 1
    desk.reopen(pk=first.pk, by=anna, now=MONDAY, reason="A second look.")
    assert Notification.objects.to_tell_by_telephone().count() == 0


def test_a_case_number_that_another_replaces_is_kept_in_a_note(asked, anna):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    for number in ("2026/17", "2026/71", "2026/71"):
        desk.hand_over(pk=request.pk, by=anna, now=MONDAY, case_number=number)
    assert [note.text for note in request.notes.all()] == ["The case number was 2026/17."]
