"""The conflict check: what resembles a party, whose story is held, and from whom."""

from datetime import timedelta

import pytest
from django.core import mail

from callbacks import conflicts, notices
from callbacks.actions import Refused, checking, desk, sorting, undoing, visiting
from callbacks.models import CallbackRequest, EventKind, Note, Notification, Party
from callbacks.sight import may_read_story, message_is_folded
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
CANARY = "Quokka"

# A party, what somebody wrote, and whether a partner must look.
PAIRS = [
    ("Harley Rose Aesthetics Ltd", "Harley Rose", True),
    ("Harley Rose Aesthetics Ltd", "harley rose aesthetics", True),
    ("Harley Rose Aesthetics Ltd", "Harly Rose", True),
    ("Harley Rose Aesthetics Ltd", "HARLEY-ROSE CLINIC, LONDON", True),
    ("Harley Rose Aesthetics Ltd", "It was the Harley Rose place in Leeds, they were rude", True),
    ("Harley Rose Aesthetics Ltd", "Harleys Rose", True),
    ("Harley Rose Aesthetics Ltd", "Rose Harley", True),
    ("Dr John Penhaligon", "Dr Penhaligon", True),
    ("Dr John Penhaligon", "John Penhaligon", True),
    ("Dr John Penhaligon", "John Penhalligon", True),
    ("Zoë Kowalczyk", "Zoe Kowalczyk", True),
    ("Zoë Kowalczyk", "zoe kowalczik in Manchester", True),
    ("O’Brien & Partners", "OBrien", True),
    ("O’Brien & Partners", "o'brien clinic", True),
    ("Skinfinity Clinic", "Skinfinity", True),
    ("Skinfinity Clinic", "SkinFinity London", True),
    ("Skinfinity Clinic", "skin finity", False),
    ("Lumière Medical Spa", "Lumiere", True),
    ("Lumière Medical Spa", "lumiere medspa", True),
    ("The Skin Clinic", "The Skin Clinic", True),
    ("The Skin Clinic", "the skin clinic in Bath", True),
    ("The Skin Clinic", "a clinic for skin", False),
    ("The Skin Clinic", "Fern Street Clinic", False),
    ("London Cosmetic Surgery Ltd", "Cosmetic surgery in London", False),
    ("Harley Rose Aesthetics Ltd", "Fern Street Aesthetics Ltd", False),
    ("Harley Rose Aesthetics Ltd", "An aesthetics clinic in London", False),
    ("Harley Rose Aesthetics Ltd", "", False),
    ("Harley Rose Aesthetics Ltd", "My threads are lumpy and it hurts to chew", False),
    ("Dr John Penhaligon", "Dr John Smith", False),
    ("Dr John Penhaligon", "Dr Patel", False),
    ("Dr John Penhaligon", "A doctor, I do not know the name", False),
    ("Zoë Kowalczyk", "Zoe at the front desk was kind", False),
    ("Skinfinity Clinic", "My skin was infected", False),
    ("Skinfinity Clinic", "Affinity", False),
    ("Lumière Medical Spa", "Illuminate Spa", False),
    ("Mayfair Medical", "May 2024, medical spa", False),
    ("Mayfair Medical", "Mayfair Medical Ltd", True),
    ("Ana Lima", "Ana Lima", True),
    ("Ana Lima", "an animal bit me", False),
    ("Fern Street Clinic", "Fern Street", True),
    # what is short without the generic words is compared whole
    ("EF Medispa", "EF Medispa in Leeds", True),
    ("EF Medispa", "a medispa in Leeds", False),
    ("Dr Vu", "It was Dr Vu", True),
    ("Dr Vu", "Dr Vulcan", False),
]


@pytest.fixture
def party() -> Party:
    return Party.objects.create(name="Harley Rose Aesthetics Ltd")


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def stands(request: CallbackRequest) -> tuple[str, bool]:
    found = again(request)
    return found.status, found.conflict_since is not None


@pytest.mark.parametrize(("name", "written", "resembles"), PAIRS)
def test_some_forty_written_pairs_are_told_apart(name, written, resembles):
    assert conflicts.resembling([name], ["Nothing here", written]) == ({1} if resembles else set())


def test_there_are_forty_pairs_and_four_short_ones():
    assert len(PAIRS) == 44


def test_an_empty_list_checks_nothing(asked):
    assert stands(asked(clinic="Harley Rose")) == (Status.NEW, False)


@pytest.mark.parametrize("told", [{"clinic": "Harley Rose"}, {"message": "At Harley Rose they hurt me."}])
def test_a_resemblance_on_arrival_holds_the_request(asked, party, told):
    request = asked(**told)
    assert stands(request) == (Status.CONFLICT_CHECK, True)
    assert [event.kind for event in request.events.all()] == ["asked", "resembles"]


def test_a_held_request_keeps_its_time_and_may_be_called(asked, party, anna):
    request = asked(clinic="Harley Rose")
    assert request.due_at is not None
    assert desk.claim_next(by=anna, now=MONDAY) == request.pk
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    assert stands(request) == (Status.CONFLICT_CHECK, True)


def test_what_a_visitor_adds_is_compared(asked, party):
    request = asked(clinic="Fern Street")
    visiting.add(pk=request.pk, by=None, now=MONDAY, text="I remember now: Harley Rose.")
    assert stands(request) == (Status.CONFLICT_CHECK, True)


def test_who_carried_it_out_is_compared_and_a_claim_stays_a_claim(asked, party, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    checking.write_clinic(pk=request.pk, by=anna, now=MONDAY, clinic="Harly Rose")
    assert stands(request) == (Status.CLAIMED, True)
    desk.release(pk=request.pk, by=anna, now=MONDAY)
    assert stands(request) == (Status.CONFLICT_CHECK, True)


def test_who_cannot_say_who_it_was_has_been_asked(asked, party, anna):
    request = asked(message="It hurts.")
    assert message_is_folded(anna, again(request))
    checking.write_clinic(pk=request.pk, by=anna, now=MONDAY, clinic="")
    assert (again(request).clinic, message_is_folded(anna, again(request))) == ("not known", False)


def test_another_answer_keeps_the_first_in_a_note(asked, anna):
    request = asked(clinic="Fern Street")
    checking.write_clinic(pk=request.pk, by=anna, now=MONDAY, clinic="Oak Lane")
    assert [note.text for note in request.notes.all()] == ["Who carried it out was: Fern Street."]


def test_spam_made_real_is_held_and_partners_are_told_only_then(asked, party, anna):
    request = asked(clinic="Harley Rose", set_apart_because="Doubtful.")
    assert stands(request) == (Status.SUSPECTED_SPAM, True)
    assert not Notification.objects.filter(kind="resemblance").exists()
    sorting.make_real(pk=request.pk, by=anna, now=MONDAY)
    assert stands(request) == (Status.CONFLICT_CHECK, True)
    assert Notification.objects.filter(kind="resemblance").count() == 1


def test_a_request_reopened_is_compared(asked, anna):
    request = asked(clinic="Harley Rose")
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.INSTRUCTED_ELSEWHERE)
    Party.objects.create(name="Harley Rose")
    desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="They came back.")
    assert stands(request) == (Status.CONFLICT_CHECK, True)


def test_a_party_added_is_compared_with_what_is_open(asked, client, paula):
    request, other = asked(clinic="Harley Rose"), asked(full_name="Mia", clinic="Fern Street")
    client.force_login(paula)
    client.post("/admin/callbacks/party/add/", {"name": " Harley  Rose ", "remark": ""})
    assert (stands(request)[1], stands(other)[1]) == (True, False)
    assert Party.objects.get().name == "Harley Rose"


def test_one_resemblance_holds_all_that_the_person_asked(asked, party):
    first, second = asked(message="It hurts."), asked(clinic="Harley Rose")
    assert stands(first) == stands(second) == (Status.CONFLICT_CHECK, True)
    third = asked(message="Another day")
    assert stands(third) == (Status.CONFLICT_CHECK, True)


@pytest.mark.parametrize(("tried", "status"), [(False, Status.NEW), (True, Status.WAITING)])
def test_a_partner_clears_it_and_it_goes_on_where_it_stood(asked, party, anna, paula, tried, status):
    request = asked(clinic="Harley Rose")
    if tried:
        desk.claim(pk=request.pk, by=anna, now=MONDAY)
        desk.call(pk=request.pk, by=anna, now=MONDAY)
        desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    checking.clear(pk=request.pk, by=paula, now=MONDAY)
    assert stands(request) == (status, False)
    assert request.events.filter(kind=EventKind.CLEARED, by=paula).count() == 1


def test_nobody_but_a_partner_clears_it(asked, party, anna, maya):
    request = asked(clinic="Harley Rose")
    for person in (anna, maya):
        with pytest.raises(Refused, match="Only a partner"):
            checking.clear(pk=request.pk, by=person, now=MONDAY)
    assert stands(request) == (Status.CONFLICT_CHECK, True)


def test_clearing_twice_is_refused(asked, party, paula):
    request = asked(clinic="Harley Rose")
    checking.clear(pk=request.pk, by=paula, now=MONDAY)
    with pytest.raises(Refused):
        checking.clear(pk=request.pk, by=paula, now=MONDAY)


def test_partners_are_told_at_once_and_told_nothing_of_the_story(asked, party, paula):
    paula.email = "paula@example.com"
    paula.save()
    request = asked(clinic="Harley Rose", message=CANARY)
    notices.send_owed(now=MONDAY)
    assert [message.to for message in mail.outbox] == [["paula@example.com"]]
    assert CANARY not in mail.outbox[0].body
    assert "Zoë" not in mail.outbox[0].body
    assert f"/admin/callbacks/callbackrequest/{request.pk}/change/" in mail.outbox[0].body


def test_a_cleared_one_is_told_no_more(asked, party, paula):
    paula.email = "paula@example.com"
    paula.save()
    checking.clear(pk=asked(clinic="Harley Rose").pk, by=paula, now=MONDAY)
    assert notices.send_owed(now=MONDAY + timedelta(minutes=1)) == 0
    assert mail.outbox == []


def pages_of(request: CallbackRequest) -> list[str]:
    one = f"{LIST}{request.pk}/"
    return [
        "/admin/",
        LIST,
        f"{LIST}?show=all",
        f"{LIST}?show=held",
        f"{one}change/",
        f"{one}record/",
        f"{LIST}day/",
    ]


@pytest.mark.parametrize("who", ["anna", "maya"])
def test_no_page_of_the_desk_or_of_managers_shows_a_held_story(asked, party, client, request, anna, who):
    told = {name: f"{CANARY} {name}" for name in ("message", "procedure", "procedure_date")}
    held = asked(clinic=f"Harley Rose {CANARY}", **told)
    Note.objects.create(request=held, kind="answer", question="Why?", text=CANARY, at=MONDAY, by=anna)
    Note.objects.create(request=held, kind="note", text=CANARY, at=MONDAY, by=anna)
    client.force_login(request.getfixturevalue(who))
    for page in pages_of(held):
        response = client.get(page)
        assert response.status_code == 200, page
        assert CANARY not in response.content.decode(), page
    assert "Zoë Example" in client.get(f"{LIST}{held.pk}/change/").content.decode()
    found = client.get(LIST, {"q": CANARY, "show": "all"})
    assert "Zoë Example" not in found.content.decode()


def test_partners_read_what_is_held(asked, party, client, paula):
    held = asked(clinic="Harley Rose", message=CANARY)
    client.force_login(paula)
    assert CANARY in client.get(f"{LIST}{held.pk}/change/").content.decode()


def test_without_a_clinic_the_message_is_not_in_the_page_until_it_is_known(asked, client, anna):
    request = asked(message=CANARY)
    client.force_login(anna)
    page = f"{LIST}{request.pk}/change/"
    assert CANARY not in client.get(page).content.decode()
    client.post(f"{LIST}{request.pk}/carried-out-by/", {"carried-out-by-clinic": "Fern Street"})
    assert CANARY in client.get(page).content.decode()


def test_an_empty_answer_is_not_taken_for_not_knowing(asked, client, anna):
    request = asked(message=CANARY)
    client.force_login(anna)
    response = client.post(f"{LIST}{request.pk}/carried-out-by/", {"carried-out-by-clinic": " "})
    assert (response.status_code, again(request).clinic) == (422, "")


def test_a_partner_who_closes_a_conflict_owes_the_person_a_word(asked, party, paula, anna):
    request = asked(clinic="Harley Rose", email="zoe@example.com")
    desk.close(pk=request.pk, by=paula, now=MONDAY, outcome=Outcome.CONFLICT)
    assert list(request.notices.exclude(kind="receipt").values_list("kind", flat=True)) == [
        "resemblance",
        "not_viable",
    ]
    assert not may_read_story(anna, again(request))


def test_what_they_added_is_folded_with_the_message(asked, client, anna):
    request = asked(message="It hurts.")
    visiting.add(pk=request.pk, by=None, now=MONDAY, text=CANARY)
    client.force_login(anna)
    page = f"{LIST}{request.pk}/change/"
    assert CANARY not in client.get(page).content.decode()
    checking.write_clinic(pk=request.pk, by=anna, now=MONDAY, clinic="Fern Street")
    assert CANARY in client.get(page).content.decode()


def test_the_sheet_of_somebody_taken_on_keeps_the_message_folded(asked, client, anna):
    request = asked(message=CANARY)
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    client.force_login(anna)
    sheet = client.get(f"{LIST}{request.pk}/sheet/").content.decode()
    assert CANARY not in sheet
    assert "folded" in sheet


def test_what_may_be_a_robot_tells_nothing_about_the_person_whose_number_it_gave(asked):
    request = asked(procedure_date="2026-11-01")
    asked(procedure_date="2024-01-05", message="Buy links", set_apart_because="Doubtful.")
    assert again(request).limitation_day.year == 2029


def test_a_place_abroad_that_they_name_takes_the_time_limit_away(asked, anna):
    request = asked(procedure_date="2026-11-01")
    assert again(request).limitation_day is not None
    checking.write_clinic(pk=request.pk, by=anna, now=MONDAY, clinic="A clinic in Istanbul")
    assert again(request).limitation_day is None


def test_what_could_be_taken_back_is_compared_with_a_party_added_meanwhile(asked, anna):
    request = asked(clinic="Harley Rose")
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.WITHDRAWN)
    checking.add_party(Party(name="Harley Rose"), now=MONDAY)
    with pytest.raises(Refused, match="Something has happened"):
        undoing.undo(pk=request.pk, by=anna, now=MONDAY + timedelta(seconds=20))
    assert stands(request) == (Status.CLOSED, True)


def test_spam_that_is_set_apart_again_is_compared_with_a_party_added_meanwhile(asked, anna):
    request = asked(message="At Harley Rose", set_apart_because="Doubtful.")
    sorting.close_as_spam(pks=[request.pk], by=anna, now=MONDAY)
    checking.add_party(Party(name="Harley Rose"), now=MONDAY)
    sorting.take_back_spam(closed_at=MONDAY, by=anna, now=MONDAY + timedelta(minutes=5))
    assert stands(request) == (Status.SUSPECTED_SPAM, True)


def test_partners_are_told_of_a_held_request_that_is_reopened(asked, party, anna, paula):
    request = asked(clinic="Harley Rose")
    desk.close(pk=request.pk, by=paula, now=MONDAY, outcome=Outcome.CONFLICT)
    Notification.objects.all().delete()
    desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="They came back.")
    assert stands(request) == (Status.CONFLICT_CHECK, True)
    assert [notice.kind for notice in request.notices.all()] == ["resemblance"]


def test_no_list_tells_whether_a_held_story_has_a_date(asked, party, anna, client):
    held, plain = asked(clinic="Harley Rose"), asked(full_name="Mia Adams")
    client.force_login(anna)
    html = client.get(LIST, {"show": "no-date"}).content.decode()
    assert (str(held) in html, str(plain) in html) == (False, True)


def test_what_an_earlier_request_said_of_who_did_it_is_kept_when_that_is_written_over(asked, anna):
    asked(clinic="Oak Lane")
    request = asked(message="Again")
    checking.write_clinic(pk=request.pk, by=anna, now=MONDAY, clinic="Fern Street")
    assert set(CallbackRequest.objects.values_list("clinic", flat=True)) == {"Fern Street"}
    assert Note.objects.get().text == "Who carried it out was: Oak Lane."
