"""Whom the one button hands out, and the calls of those who ring us themselves."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from callbacks.actions import Refused, desk, keeping
from callbacks.models import CallbackRequest, Event, EventKind
from callbacks.models.record import CALLS
from callbacks.states import Outcome, Status
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def set_(request: CallbackRequest, **columns) -> CallbackRequest:
    CallbackRequest.objects.filter(pk=request.pk).update(**columns)
    return CallbackRequest.objects.get(pk=request.pk)


def order(now) -> list[str]:
    waiting = CallbackRequest.objects.to_call(now).in_desk_order(now)
    return list(waiting.values_list("full_name", flat=True))


# The order


def test_a_running_slot_goes_before_what_is_late_and_that_before_what_is_due(asked, anna):
    set_(asked(full_name="Due"), due_at=MONDAY + HOUR)
    set_(asked(full_name="Late"), due_at=MONDAY - MINUTE)
    set_(asked(full_name="Later"), due_at=MONDAY - HOUR)
    set_(asked(full_name="Running"), due_from=MONDAY, due_at=MONDAY + 30 * MINUTE)
    set_(asked(full_name="Ahead"), due_from=MONDAY + MINUTE, due_at=MONDAY + 31 * MINUTE)
    assert order(MONDAY) == ["Running", "Later", "Late", "Due"]


@pytest.mark.parametrize(("ahead", "first"), [(0, "Court"), (30, "Court"), (31, "Other"), (-1, "Other")])
def test_a_day_at_court_within_thirty_days_goes_before_the_rest_of_its_day(asked, ahead, first):
    set_(asked(full_name="Other"), due_at=MONDAY + HOUR)
    court = MONDAY.date() + timedelta(days=ahead)
    set_(asked(full_name="Court"), due_at=MONDAY + 2 * HOUR, limitation_day=court)
    assert order(MONDAY)[0] == first


def test_it_does_not_go_before_another_day_nor_before_a_running_slot(asked):
    soon = MONDAY.date() + timedelta(days=5)
    set_(asked(full_name="Friday"), due_at=MONDAY - timedelta(days=3))
    set_(asked(full_name="Court"), due_at=MONDAY + 2 * HOUR, limitation_day=soon)
    set_(asked(full_name="Running"), due_from=MONDAY, due_at=MONDAY + 30 * MINUTE)
    assert order(MONDAY) == ["Running", "Friday", "Court"]


def test_the_time_limit_is_worked_out_on_arrival(asked):
    assert asked(procedure_date="2024-03-10").limitation_day == date(2027, 3, 10)
    assert asked(full_name="Mia", procedure_date="10/3/2024", message="In Turkey").limitation_day is None


# The button


def test_the_button_claims_the_most_urgent(asked, anna, ben, maya):
    first, second = asked(full_name="First"), asked(full_name="Second", at=MONDAY + MINUTE)
    now = MONDAY + MINUTE
    assert desk.claim_next(by=anna, now=now) == first.pk
    assert desk.claim_next(by=ben, now=now) == second.pk
    assert desk.claim_next(by=maya, now=now) is None
    assert set(CallbackRequest.objects.values_list("claimed_by", flat=True)) == {anna.pk, ben.pk}


def test_nobody_is_handed_out_before_their_time(asked, anna):
    request = asked(wanted_at=MONDAY + 2 * HOUR)
    assert desk.claim_next(by=anna, now=MONDAY + 2 * HOUR - MINUTE) is None
    assert desk.claim_next(by=anna, now=MONDAY + 2 * HOUR) == request.pk


def test_a_call_in_progress_is_handed_to_nobody_and_a_lapsed_claim_is(asked, anna, ben):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    assert desk.claim_next(by=ben, now=MONDAY + 9 * MINUTE) is None
    desk.call(pk=request.pk, by=anna, now=MONDAY + 9 * MINUTE)
    assert desk.claim_next(by=ben, now=MONDAY + 9 * HOUR) is None
    desk.release(pk=request.pk, by=anna, now=MONDAY + 9 * HOUR)
    assert desk.claim_next(by=ben, now=MONDAY + 9 * HOUR + 3 * HOUR) is not None


def test_two_requests_of_one_person_are_handed_out_once(asked, anna, ben):
    first, second = asked(), asked(message="Again")
    assert desk.claim_next(by=anna, now=MONDAY) == second.pk
    assert desk.claim_next(by=ben, now=MONDAY) is None
    assert CallbackRequest.objects.get(pk=first.pk).claimed_by == anna


def test_who_may_not_see_a_request_is_not_handed_it(asked, paula):
    asked()
    assert desk.claim_next(by=paula, now=MONDAY) is None


# They ring us


def standing_of(asked, anna, state: str) -> CallbackRequest:
    request = asked()
    if state != "new":
        desk.claim(pk=request.pk, by=anna, now=MONDAY)
    if state == "waiting":
        desk.call(pk=request.pk, by=anna, now=MONDAY)
        desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    if state == "with_solicitor":
        desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY)
    return request


@pytest.mark.parametrize("state", ["new", "claimed", "waiting", "with_solicitor"])
def test_whoever_takes_their_call_has_the_request_in_a_call(asked, anna, ben, state):
    request = standing_of(asked, anna, state)
    attempts = CallbackRequest.objects.get(pk=request.pk).attempts
    desk.they_rang(pk=request.pk, by=ben, now=MONDAY + MINUTE)
    found = CallbackRequest.objects.get(pk=request.pk)
    assert (found.status, found.claimed_by, found.claim_ends_at) == (Status.CLAIMED, ben, None)
    assert found.attempts == attempts + 1


def test_whoever_had_it_is_named_in_the_record_and_told_on_every_page(asked, anna, ben, client):
    request = asked()
    now = timezone.now()
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.they_rang(pk=request.pk, by=ben, now=now)
    assert request.events.get(kind=EventKind.THEY_RANG).held_by == anna
    client.force_login(anna)
    html = " ".join(client.get("/admin/callbacks/callbackrequest/").content.decode().split())
    assert "Ben Carr took the call of" in html
    assert "You need not call." in html
    client.force_login(ben)
    assert "You need not call." not in client.get("/admin/").content.decode()


def test_a_call_in_progress_is_never_taken(asked, anna, ben):
    request = standing_of(asked, anna, "claimed")
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused, match="Anna Bell has had"):
        desk.they_rang(pk=request.pk, by=ben, now=MONDAY)


def test_what_is_closed_is_reopened_first(asked, anna, ben):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    with pytest.raises(Refused, match="closed"):
        desk.they_rang(pk=request.pk, by=ben, now=MONDAY)


def test_it_meets_the_promise(asked, anna):
    request = asked()
    desk.they_rang(pk=request.pk, by=anna, now=MONDAY + MINUTE)
    first_call = request.events.filter(kind__in=CALLS).first()
    assert first_call.at <= request.promised_by
    assert list(CallbackRequest.objects.to_call(MONDAY + 9 * HOUR)) == []


def test_after_an_hour_somebody_should_ask_whether_the_call_is_open(asked, anna):
    request = asked()
    desk.they_rang(pk=request.pk, by=anna, now=MONDAY)
    open_calls = CallbackRequest.objects.calls_still_open
    assert list(open_calls(MONDAY + 59 * MINUTE)) == []
    assert list(open_calls(MONDAY + 60 * MINUTE)) == [request]


def test_a_second_click_brings_back_what_one_has_and_claims_nobody_else(asked, anna):
    first, second = asked(full_name="First"), asked(full_name="Second", at=MONDAY + MINUTE)
    now = MONDAY + MINUTE
    assert [desk.claim_next(by=anna, now=now) for _ in range(2)] == [first.pk, first.pk]
    assert CallbackRequest.objects.get(pk=second.pk).status == Status.NEW
    later = now + 11 * MINUTE  # the claim has lapsed: it is handed out like any other
    assert desk.claim_next(by=anna, now=later) == first.pk
    assert Event.objects.filter(kind=EventKind.LAPSED).count() == 1


def test_whoever_takes_the_call_of_a_lapsed_claim_leaves_that_on_record(asked, anna, ben):
    request = standing_of(asked, anna, "claimed")
    desk.they_rang(pk=request.pk, by=ben, now=MONDAY + 11 * MINUTE)
    assert list(request.events.values_list("kind", flat=True)) == ["asked", "claimed", "lapsed", "they_rang"]
    assert request.events.last().held_by is None  # nobody had it any more


def test_to_take_the_same_call_twice_is_to_take_it_once(asked, anna):
    request = asked()
    for _ in range(2):
        desk.they_rang(pk=request.pk, by=anna, now=MONDAY)
    assert CallbackRequest.objects.get(pk=request.pk).attempts == 1
    assert request.events.filter(kind=EventKind.THEY_RANG).count() == 1


def test_what_a_solicitor_is_deciding_is_not_handed_out_though_a_claim_on_it_has_lapsed(asked, anna, ben):
    request = standing_of(asked, anna, "with_solicitor")
    desk.claim(pk=request.pk, by=anna, now=MONDAY + HOUR)
    assert desk.claim_next(by=ben, now=MONDAY + 3 * HOUR) is None


def test_whoever_rings_back_after_the_last_attempt_is_to_be_called_and_given_up_no_more(asked, anna, ben):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    desk.they_rang(pk=request.pk, by=ben, now=MONDAY + HOUR)
    desk.spoke(pk=request.pk, by=ben, now=MONDAY + HOUR)
    lapsed = MONDAY + HOUR + 11 * MINUTE  # and nobody has said what follows
    found = CallbackRequest.objects.get()
    assert (found.gives_up_at, found.due_from, found.due_at) == (None, None, MONDAY + 2 * HOUR)
    assert list(CallbackRequest.objects.due_a_call()) == [request]
    assert list(CallbackRequest.objects.to_call(lapsed)) == [request]


@pytest.mark.parametrize("state", ["conflict check", "given up", "lapsed"])
def test_their_call_is_taken_from_every_other_open_state_too(asked, anna, ben, state):
    request = asked()
    if state == "conflict check":
        set_(request, status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
    else:
        desk.claim(pk=request.pk, by=anna, now=MONDAY)
    if state == "given up":
        desk.call(pk=request.pk, by=anna, now=MONDAY)
        desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    desk.they_rang(pk=request.pk, by=ben, now=MONDAY + 11 * MINUTE)
    found = CallbackRequest.objects.get()
    assert (found.status, found.claimed_by, found.claim_ends_at) == (Status.CLAIMED, ben, None)


def test_who_had_it_is_told_once_a_person_and_not_once_they_have_it_again(asked, anna, ben, client):
    now = timezone.now()
    asked(at=now)
    request = asked(at=now, message="Again")
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.they_rang(pk=request.pk, by=ben, now=now)
    client.force_login(anna)
    assert client.get("/admin/").content.decode().count("You need not call.") == 1
    desk.release(pk=request.pk, by=ben, now=now)
    desk.claim(pk=request.pk, by=anna, now=now)
    assert "You need not call." not in client.get("/admin/").content.decode()


def test_who_waits_in_a_lapsed_claim_is_given_up_and_counted_like_the_others(asked, anna, ben, client):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    desk.claim(pk=request.pk, by=ben, now=MONDAY + HOUR)
    client.force_login(anna)
    assert "Waiting for them 1" in client.get("/admin/").content.decode()
    gives_up_at = CallbackRequest.objects.get().gives_up_at
    desk.release(pk=request.pk, by=ben, now=MONDAY + HOUR)
    desk.claim(pk=request.pk, by=ben, now=gives_up_at)
    assert keeping.give_up(now=gives_up_at) == 0  # Ben has it
    assert keeping.give_up(now=gives_up_at + 10 * MINUTE) == 1
    assert CallbackRequest.objects.get().outcome == Outcome.NOT_REACHED
