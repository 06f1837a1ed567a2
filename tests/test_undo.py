"""For half a minute an outcome can be taken back, with all that it moved and owed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from callbacks.actions import Refused, desk, undoing
from callbacks.admin import in_words
from callbacks.models import CallbackRequest, Event, Notification, Undo
from callbacks.models.record import EventKind
from callbacks.receipt import receipt_of
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
TUESDAY = MONDAY + timedelta(days=1)


def columns(request: CallbackRequest) -> dict[str, object]:
    row = CallbackRequest.objects.filter(pk=request.pk).values().get()
    del row["edits"], row["fingerprint"]
    return row


@pytest.fixture
def calling(asked, anna) -> CallbackRequest:
    request = asked(wanted_at=MONDAY + timedelta(hours=3), email="zoe@example.com", leave_message=True)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    return request


@pytest.fixture
def spoken(calling, anna) -> CallbackRequest:
    desk.spoke(pk=calling.pk, by=anna, now=MONDAY)
    Undo.objects.all().delete()
    return calling


IN_A_CALL = {
    "spoke": desk.spoke,
    "no answer": desk.no_answer,
    "left a message": desk.left_message,
    "wrong number": desk.wrong_number,
}
AFTER_ONE = {
    "call again": lambda **who: desk.call_again(at=TUESDAY, **who),
    "another time": lambda **who: desk.agree_another_time(at=TUESDAY, **who),
    "to a solicitor": desk.pass_to_solicitor,
    "taken on": lambda **who: desk.close(outcome=Outcome.TAKEN_ON, **who),
    "not viable": lambda **who: desk.close(outcome=Outcome.NO_BREACH, **who),
    "declined": lambda **who: desk.close(outcome=Outcome.CLIENT_DECLINED, **who),
}


def check(request: CallbackRequest, anna, verb) -> None:
    before, owed = columns(request), set(Notification.objects.values_list("pk", flat=True))
    verb(pk=request.pk, by=anna, now=MONDAY)
    assert columns(request) != before
    undoing.undo(pk=request.pk, by=anna, now=MONDAY + 30 * SECOND)
    assert columns(request) == before
    assert set(Notification.objects.values_list("pk", flat=True)) == owed
    last = request.events.last()
    assert (last.kind, last.by, last.undoes.kind) == (
        EventKind.UNDONE,
        anna,
        request.events.all().reverse()[1].kind,
    )


@pytest.mark.parametrize("name", IN_A_CALL)
def test_how_a_call_went_can_be_taken_back(calling, anna, name):
    check(calling, anna, IN_A_CALL[name])


@pytest.mark.parametrize("name", AFTER_ONE)
def test_what_follows_from_a_call_can_be_taken_back(spoken, anna, name):
    check(spoken, anna, AFTER_ONE[name])


def test_after_half_a_minute_it_stands(calling, anna):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused, match="no longer"):
        undoing.undo(pk=calling.pk, by=anna, now=MONDAY + 31 * SECOND)
    assert CallbackRequest.objects.get(pk=calling.pk).status == Status.WAITING


def test_nobody_takes_back_what_another_recorded(calling, anna, ben):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused):
        undoing.undo(pk=calling.pk, by=ben, now=MONDAY)


def test_what_has_moved_on_since_stays(calling, anna, ben):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    desk.claim(pk=calling.pk, by=ben, now=MONDAY + SECOND)
    with pytest.raises(Refused, match="since"):
        undoing.undo(pk=calling.pk, by=anna, now=MONDAY + 2 * SECOND)
    assert CallbackRequest.objects.get(pk=calling.pk).claimed_by == ben


def test_a_second_undo_is_refused(calling, anna):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    undoing.undo(pk=calling.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused):
        undoing.undo(pk=calling.pk, by=anna, now=MONDAY)


def test_a_place_taken_meanwhile_is_not_given_back(asked, spoken, anna):
    wanted_at = spoken.wanted_at
    desk.close(pk=spoken.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    other = asked(full_name="Mia", wanted_at=wanted_at)
    assert other.place == spoken.place == 1
    undoing.undo(pk=spoken.pk, by=anna, now=MONDAY + SECOND)
    found = CallbackRequest.objects.get(pk=spoken.pk)
    assert (found.status, found.wanted_at, found.place) == (Status.CLAIMED, wanted_at, None)


def test_all_requests_of_one_person_come_back_together(asked, anna):
    first, second = asked(), asked(message="Again")
    desk.claim(pk=second.pk, by=anna, now=MONDAY)
    before = columns(first), columns(second)
    desk.close(pk=second.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    undoing.undo(pk=second.pk, by=anna, now=MONDAY + SECOND)
    assert (columns(first), columns(second)) == before


def test_an_outcome_owes_nothing_before_it_can_no_longer_be_taken_back(spoken, anna):
    desk.close(pk=spoken.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    notice = Notification.objects.get(kind="not_viable")
    assert notice.try_again_at == MONDAY + 30 * SECOND


def test_a_try_that_was_taken_back_is_no_try_to_the_visitor(calling, anna):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    undoing.undo(pk=calling.pk, by=anna, now=MONDAY)
    found = CallbackRequest.objects.get(pk=calling.pk)
    assert receipt_of(found, now=MONDAY).state == "Waiting"
    assert not Event.objects.that_stand().filter(kind=EventKind.NO_ANSWER).exists()


def test_the_worker_forgets_what_can_be_taken_back_no_more(calling, anna):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    undoing.forget(now=MONDAY + 30 * SECOND)
    assert Undo.objects.count() == 1
    undoing.forget(now=MONDAY + 31 * SECOND)
    assert Undo.objects.count() == 0


def test_the_page_offers_it_and_does_it(asked, client, anna):
    now = timezone.now()
    request = asked(at=now)
    client.force_login(anna)
    for name in ("claim", "call", "no-answer"):
        client.post(f"/admin/callbacks/callbackrequest/{request.pk}/{name}/")
    page = f"/admin/callbacks/callbackrequest/{request.pk}/change/"
    assert 'id="undo"' in client.get(page).content.decode()
    client.post(f"/admin/callbacks/callbackrequest/{request.pk}/undo/")
    found = CallbackRequest.objects.get(pk=request.pk)
    assert (found.status, found.claim_ends_at, found.attempts) == (Status.CLAIMED, None, 1)
    assert 'id="undo"' not in client.get(page).content.decode()


def test_a_double_click_on_undo_is_told_once_that_it_is_done(asked, client, anna):
    request = asked(at=timezone.now())
    client.force_login(anna)
    for name in ("claim", "call", "no-answer", "undo"):
        client.post(f"/admin/callbacks/callbackrequest/{request.pk}/{name}/")
    html = client.post(f"/admin/callbacks/callbackrequest/{request.pk}/undo/", follow=True).content.decode()
    assert ("Taken back." in html, undoing.TOO_LATE in html) == (True, False)


def test_what_leaves_a_partners_sight_can_be_taken_back_from_the_page_that_follows(
    asked, client, anna, paula
):
    now = timezone.now()
    request = asked(at=now)
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=now)
    client.force_login(paula)
    address = f"/admin/callbacks/callbackrequest/{request.pk}/"
    response = client.post(f"{address}close/", {"close-outcome": "taken_on"}, follow=True)
    html = response.content.decode()
    assert ("Zoë Example: on record, closed it." in html, f'action="{address}undo/"' in html) == (True, True)
    assert client.post(f"{address}undo/")["Location"] == f"{address}change/"
    assert CallbackRequest.objects.get().status == Status.WITH_SOLICITOR
    assert "on record" not in client.get("/admin/").content.decode()


def test_what_was_closed_stays_so_when_the_person_has_asked_again_meanwhile(asked, spoken, anna):
    desk.close(pk=spoken.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    asked(message="One more thing", at=MONDAY + SECOND)
    with pytest.raises(Refused, match="asked again"):
        undoing.undo(pk=spoken.pk, by=anna, now=MONDAY + 2 * SECOND)
    assert CallbackRequest.objects.get(pk=spoken.pk).status == Status.CLOSED


def test_what_can_be_undone_no_more_is_not_offered(calling, anna):
    desk.no_answer(pk=calling.pk, by=anna, now=MONDAY)
    assert undoing.can_be_undone(pk=calling.pk, by=anna, now=MONDAY) is not None
    desk.add_note(pk=calling.pk, by=anna, now=MONDAY + SECOND, text="Rang long.")
    assert undoing.can_be_undone(pk=calling.pk, by=anna, now=MONDAY + SECOND) is None


def test_a_note_after_an_outcome_is_said_to_be_kept(asked, client, anna):
    request = asked(at=timezone.now())
    client.force_login(anna)
    for name in ("claim", "call", "spoke"):
        client.post(f"/admin/callbacks/callbackrequest/{request.pk}/{name}/")
    answer = {"note-text": "Calm."}
    response = client.post(f"/admin/callbacks/callbackrequest/{request.pk}/note/", answer, follow=True)
    assert "The note is kept." in response.content.decode()


def test_a_time_that_was_taken_back_leaves_no_mark(asked, anna):
    request = asked()
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY)
    undoing.undo(pk=request.pk, by=anna, now=MONDAY + SECOND)
    found = CallbackRequest.objects.with_promised_since().get(pk=request.pk)
    assert in_words.changed_from(found, MONDAY) == ""
    assert found.promised_since == request.created_at
