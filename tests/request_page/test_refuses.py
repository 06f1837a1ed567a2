"""What it does not do, and what it hides from whom."""

import pytest
from django.utils import timezone

from callbacks import hours
from callbacks.actions import answering, desk
from callbacks.admin.verbs import VERBS
from callbacks.models import CallbackRequest
from callbacks.sight import may_read_story, seen_by
from tests.client import Client
from tests.request_page.steps import LIST, again, everything, kinds, page, press, resembling, verb

pytestmark = pytest.mark.django_db


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
