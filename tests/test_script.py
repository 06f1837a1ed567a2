"""What to ask on the telephone, and answers that are saved as they are typed."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from callbacks.actions import Refused, answering, desk
from callbacks.actions.answering import BORN, NOTES, TREATED, Clash, write
from callbacks.admin.script import script_for, script_of
from callbacks.models import CallbackRequest, CallScript, Note
from callbacks.states import Outcome
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LIST = "/admin/callbacks/callbackrequest/"


@pytest.fixture
def script() -> CallScript:
    CallScript.objects.all().delete()
    return CallScript.objects.create(
        topic="Thread lift", other_words="threads, PDO lift", questions="Which threads?\n\nDid they hurt?"
    )


@pytest.fixture
def held(asked, anna) -> CallbackRequest:
    request = asked(clinic="Fern Street")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    return request


@pytest.mark.parametrize(
    ("procedure", "topic"),
    [
        ("Thread lift", "Thread lift"),
        ("thread-lift on my cheeks", "Thread lift"),
        ("tread lift", "Thread lift"),
        ("PDO lift", "Thread lift"),
        ("threads", "Thread lift"),
        ("Liposuction", ""),
        ("Lip filler", ""),
        ("", ""),
    ],
)
def test_free_text_is_matched_to_a_topic_else_the_general_script_holds(script, procedure, topic):
    assert script_for(procedure).topic == topic


def test_partners_general_script_goes_before_ours(script):
    assert "what went wrong" in script_for("Rhinoplasty").questions
    CallScript.objects.create(topic="", questions="Only this?")
    assert script_for("Rhinoplasty").questions == "Only this?"


def test_the_script_asks_its_lines_and_ours(script, asked):
    found = script_of([asked(procedure="Thread lift")])
    words = [question.words for question in found.questions]
    assert words == [
        "When was it done?",
        "Which threads?",
        "Did they hurt?",
        answering.OURS[BORN],
        "Notes of the call",
    ]


def test_an_answer_to_a_question_that_is_asked_no_more_is_still_shown(script, held, anna):
    write(pk=held.pk, by=anna, now=MONDAY, question="An old question?", text="Yes.", edits=0)
    assert [question.answer for question in script_of([held]).besides] == ["Yes."]


def test_an_answer_is_saved_again_and_again_and_on_record_once_an_hour(held, anna):
    assert write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="A", edits=0) == 1
    assert write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="A b", edits=1) == 2
    assert write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="A b", edits=2) == 2
    assert [(note.text, note.edits) for note in held.notes.all()] == [("A b", 2)]
    assert held.events.filter(kind="answered").count() == 1


def test_what_somebody_else_saved_meanwhile_is_not_written_over(held, anna):
    write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="From the first tab", edits=0)
    with pytest.raises(Clash) as clash:
        write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="From the second tab", edits=0)
    assert (clash.value.theirs, clash.value.edits) == ("From the first tab", 1)
    assert Note.objects.get().text == "From the first tab"
    together = "From the first tab\n\nFrom the second tab"
    assert write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text=together, edits=1) == 2


def test_an_answer_taken_away_is_no_answer(held, anna):
    write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="A", edits=0)
    assert write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="", edits=1) == 0
    assert not Note.objects.exists()


def test_nobody_writes_into_anothers_call(held, anna, ben):
    with pytest.raises(Refused, match="Anna Bell has this request now"):
        write(pk=held.pk, by=ben, now=MONDAY, question=NOTES, text="Mine", edits=0)


def test_nothing_is_written_into_what_is_closed_or_held(held, asked, anna):
    CallbackRequest.objects.filter(pk=held.pk).update(conflict_since=MONDAY)
    with pytest.raises(Refused):
        write(pk=held.pk, by=anna, now=MONDAY, question=NOTES, text="A", edits=0)
    other = asked(full_name="Mia")
    desk.close(pk=other.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    with pytest.raises(Refused):
        write(pk=other.pk, by=anna, now=MONDAY, question=NOTES, text="A", edits=0)


def test_the_date_and_the_birth_date_they_say_move_the_time_limit(held, anna):
    def day() -> date | None:
        return CallbackRequest.objects.get(pk=held.pk).limitation_day

    assert day() is None
    write(pk=held.pk, by=anna, now=MONDAY, question=TREATED, text="1/6/2023", edits=0)
    assert day() == date(2026, 6, 1)
    write(pk=held.pk, by=anna, now=MONDAY, question=BORN, text="1 May 2007", edits=0)
    assert day() == date(2028, 4, 28)  # facts.md: 30 April 2028 is a Sunday


def save(client, request, **given):
    plain = {"question": NOTES, "text": "Calm.", "edits": "0"}
    return client.post(f"{LIST}{request.pk}/answer/", plain | given)


def test_the_page_saves_an_answer_and_shows_both_texts_of_two_people(client, asked, anna):
    request = asked(at=timezone.now(), clinic="Fern Street")
    client.force_login(anna)
    client.post(f"{LIST}{request.pk}/claim/")
    assert save(client, request).json() == {"edits": 1}
    second = save(client, request, text="Other.")
    assert (second.status_code, second.json()["theirs"], second.json()["edits"]) == (409, "Calm.", 1)
    assert "Calm." in client.get(f"{LIST}{request.pk}/change/").content.decode()


@pytest.mark.parametrize("given", [{"question": ""}, {"edits": "-1"}, {"edits": "x"}, {"text": "a" * 4001}])
def test_what_cannot_be_saved_is_said(client, asked, anna, given):
    request = asked(clinic="Fern Street")
    client.force_login(anna)
    assert save(client, request, **given).status_code == 422
    assert not Note.objects.exists()


def test_partners_save_nothing_in_what_they_do_not_see(client, asked, paula):
    request = asked(clinic="Fern Street")
    client.force_login(paula)
    assert save(client, request).status_code == 404
