"""The table of states: every verb from every state, what it changes, and what it refuses."""

import random
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.db import connection, transaction

from callbacks.actions import Refused, desk, keeping, sorting
from callbacks.models import CallbackRequest, Note
from callbacks.receipt import receipt_of
from callbacks.states import Outcome, Status
from firm_site.models import User
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

TUESDAY_TEN = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def in_state(asked, anna, paula) -> Callable[[str], CallbackRequest]:
    """A request brought into a state the way it gets there in life; Anna holds what is claimed."""

    def bring(state: str) -> CallbackRequest:
        request = asked(set_apart_because="Doubtful." if state == Status.SUSPECTED_SPAM else "")
        pk = request.pk
        if state in {"claimed", "calling", "waiting", "with_solicitor", "spoken"}:
            desk.claim(pk=pk, by=anna, now=MONDAY)
        if state in {"calling", "waiting", "spoken"}:
            desk.call(pk=pk, by=anna, now=MONDAY)
        if state == "waiting":
            desk.no_answer(pk=pk, by=anna, now=MONDAY)
        if state == "spoken":
            desk.spoke(pk=pk, by=anna, now=MONDAY)
        if state == "with_solicitor":
            desk.pass_to_solicitor(pk=pk, by=anna, now=MONDAY)
        if state == "closed":
            desk.close(pk=pk, by=anna, now=MONDAY, outcome=Outcome.DUPLICATE)
        if state == "conflict_check":  # nothing brings it there before the desk issue
            CallbackRequest.objects.filter(pk=pk).update(status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
        return CallbackRequest.objects.get(pk=pk)

    return bring


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def kinds(request: CallbackRequest) -> list[str]:
    return list(request.events.values_list("kind", flat=True))


VERBS: dict[str, Callable[[int, User], None]] = {
    "claim": lambda pk, by: desk.claim(pk=pk, by=by, now=MONDAY),
    "release": lambda pk, by: desk.release(pk=pk, by=by, now=MONDAY),
    "call": lambda pk, by: desk.call(pk=pk, by=by, now=MONDAY),
    "no_answer": lambda pk, by: desk.no_answer(pk=pk, by=by, now=MONDAY),
    "left_message": lambda pk, by: desk.left_message(pk=pk, by=by, now=MONDAY),
    "wrong_number": lambda pk, by: desk.wrong_number(pk=pk, by=by, now=MONDAY),
    "spoke": lambda pk, by: desk.spoke(pk=pk, by=by, now=MONDAY),
    "call_again": lambda pk, by: desk.call_again(pk=pk, by=by, now=MONDAY, at=TUESDAY_TEN),
    "agree_another_time": lambda pk, by: desk.agree_another_time(pk=pk, by=by, now=MONDAY, at=TUESDAY_TEN),
    "pass_to_solicitor": lambda pk, by: desk.pass_to_solicitor(pk=pk, by=by, now=MONDAY),
    "close": lambda pk, by: desk.close(pk=pk, by=by, now=MONDAY, outcome=Outcome.NO_BREACH),
    "reopen": lambda pk, by: desk.reopen(pk=pk, by=by, now=MONDAY, reason="They rang."),
    "take_over": lambda pk, by: desk.take_over(pk=pk, by=by, now=MONDAY, reason="Gone home."),
    "make_real": lambda pk, by: sorting.make_real(pk=pk, by=by, now=MONDAY),
    "add_note": lambda pk, by: desk.add_note(pk=pk, by=by, now=MONDAY, text="Calm."),
    "correct_number": lambda pk, by: desk.correct_number(pk=pk, by=by, now=MONDAY, typed="01632 960 001"),
}

# What each verb makes of each state, in Anna's hands; "-" where the table of states forbids it.
# fmt: off
STATES = ["suspected_spam", "conflict_check", "new", "claimed", "calling", "spoken", "waiting", "with_solicitor", "closed"]
TABLE = {
    "claim":              ["-", "claimed", "claimed", "claimed", "claimed", "claimed", "claimed", "claimed", "-"],
    "release":            ["-", "-", "-", "new", "waiting", "waiting", "-", "-", "-"],
    "call":               ["-", "-", "-", "claimed", "claimed", "claimed", "-", "-", "-"],
    "no_answer":          ["-", "-", "-", "-", "waiting", "-", "-", "-", "-"],
    "left_message":       ["-", "-", "-", "-", "-", "-", "-", "-", "-"],  # not allowed to: see below
    "wrong_number":       ["-", "-", "-", "-", "waiting", "-", "-", "-", "-"],
    "spoke":              ["-", "-", "-", "-", "claimed", "-", "-", "-", "-"],
    "call_again":         ["-", "-", "-", "waiting", "-", "waiting", "-", "-", "-"],
    "agree_another_time": ["-", "conflict_check", "new", "new", "-", "waiting", "waiting", "-", "-"],
    "pass_to_solicitor":  ["-", "-", "-", "with_solicitor", "-", "with_solicitor", "-", "-", "-"],
    "close":              ["closed", "closed", "closed", "closed", "-", "closed", "closed", "-", "-"],
    "reopen":             ["-", "-", "-", "-", "-", "-", "-", "-", "new"],
    "take_over":          ["-", "-", "-", "-", "-", "-", "-", "-", "-"],  # it is hers already: see below
    "make_real":          ["new", "-", "-", "-", "-", "-", "-", "-", "-"],
    "add_note":           ["suspected_spam", "conflict_check", "new", "claimed", "claimed", "claimed", "waiting", "with_solicitor", "closed"],
    "correct_number":     ["suspected_spam", "conflict_check", "new", "claimed", "claimed", "claimed", "waiting", "with_solicitor", "-"],
}
# fmt: on


def row(request: CallbackRequest) -> dict:
    return CallbackRequest.objects.filter(pk=request.pk).values().get()


def becomes(verb: str, request: CallbackRequest, by: User) -> str:
    """What the verb makes of this request, which stands as it stood afterwards; what it says when it refuses,
    and so has changed nothing."""
    before, told = row(request), kinds(request)
    point = transaction.savepoint_create()
    try:
        VERBS[verb](request.pk, by)
        connection.check_constraints()
        return again(request).status
    except Refused as refused:
        assert (row(request), kinds(request)) == (before, told), verb
        return f"- {refused}"
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize("state", STATES)
def test_each_verb_moves_each_state_as_the_table_says(state, in_state, anna):
    request = in_state(state)
    found = {verb: becomes(verb, request, anna).split()[0] for verb in VERBS}
    assert found == {verb: TABLE[verb][STATES.index(state)] for verb in VERBS}


@pytest.mark.parametrize("state", ["claimed", "calling"])
def test_what_one_person_has_another_cannot_move_and_is_told_who(state, in_state, ben):
    request = in_state(state)
    CallbackRequest.objects.filter(pk=request.pk).update(leave_message=True)  # so that one may be left
    others = [verb for verb in VERBS if verb not in {"add_note", "reopen", "make_real", "take_over"}]
    found = {verb: becomes(verb, request, ben) for verb in others}
    assert found == dict.fromkeys(others, "- Anna Bell has had this request since 10:00.")


def test_every_change_counts_as_an_edit_and_leaves_an_event_that_says_who(in_state, anna):
    request = in_state("new")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY + MINUTE)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY + 2 * MINUTE)
    assert again(request).edits == request.edits + 3
    assert list(request.events.values_list("kind", "actor", "by", "at"))[1:] == [
        ("claimed", "staff", anna.pk, MONDAY),
        ("calling", "staff", anna.pk, MONDAY + MINUTE),
        ("no_answer", "staff", anna.pk, MONDAY + 2 * MINUTE),
    ]


def test_a_claim_lasts_ten_minutes_and_changes_nothing_that_is_due(in_state, anna):
    request = in_state("new")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    claimed = again(request)
    assert claimed.claimed_by == anna
    assert claimed.claimed_at == MONDAY
    assert claimed.claim_ends_at == MONDAY + 10 * MINUTE
    assert (claimed.due_at, claimed.promised_by) == (request.due_at, request.promised_by)


def test_a_lapsed_claim_is_nobodys_and_the_next_claim_says_so(in_state, anna, ben):
    request = in_state("claimed")
    desk.claim(pk=request.pk, by=ben, now=MONDAY + 10 * MINUTE)
    assert again(request).claimed_by == ben
    assert list(request.events.values_list("kind", "actor", "by"))[-2:] == [
        ("lapsed", "system", None),
        ("claimed", "staff", ben.pk),
    ]


def test_a_lapsed_claim_must_be_claimed_again_before_calling(in_state, anna):
    request = in_state("claimed")
    with pytest.raises(Refused) as refusal:
        desk.call(pk=request.pk, by=anna, now=MONDAY + 10 * MINUTE)
    assert str(refusal.value) == "Your claim has ended. Claim the request again."


def test_a_manager_takes_over_even_a_running_call_and_says_why(in_state, maya, anna):
    request = in_state("calling")
    with pytest.raises(Refused):
        desk.take_over(pk=request.pk, by=maya, now=MONDAY, reason="")
    desk.take_over(pk=request.pk, by=maya, now=MONDAY, reason="Anna has gone home.")
    after = again(request)
    assert (after.claimed_by, after.claim_ends_at) == (maya, MONDAY + 10 * MINUTE)
    assert (request.events.last().kind, Note.objects.get().text) == ("taken_over", "Anna has gone home.")
    with pytest.raises(Refused) as refusal:
        desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    assert str(refusal.value) == "Maya Dean has had this request since 10:00."


def test_a_call_in_progress_must_be_ended_before_anything_follows_from_it(in_state, anna):
    request = in_state("calling")
    with pytest.raises(Refused) as refusal:
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    assert str(refusal.value) == "Say first how the call went."


def test_a_call_must_begin_before_it_can_end(in_state, anna):
    request = in_state("claimed")
    with pytest.raises(Refused) as refusal:
        desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    assert str(refusal.value).startswith("Press “Calling now” first")


def test_after_a_wrong_number_a_further_call_in_vain_is_tried_again(in_state, anna):
    request = in_state("calling")
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    after = again(request)
    assert (after.status, after.gives_up_at) == ("waiting", None)
    assert after.due_from == datetime(2026, 11, 23, 12, 30, tzinfo=LONDON)


def test_nobody_gives_up_a_request_that_is_in_somebodys_hands(in_state, anna):
    request = in_state("calling")
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    later = MONDAY + timedelta(days=14)
    desk.claim(pk=request.pk, by=anna, now=later)
    assert keeping.give_up(now=later) == 0
    assert again(request).status == Status.CLAIMED


def test_a_call_in_vain_leaves_the_solicitors_date_as_it_is(in_state, anna):
    request = in_state("with_solicitor")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    after = again(request)
    assert (after.status, after.due_at, after.decide_by) == (
        "with_solicitor",
        request.decide_by,
        request.decide_by,
    )


def test_the_desk_cannot_pass_on_again_what_a_solicitor_is_deciding(in_state, anna, paula):
    request = in_state("with_solicitor")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused):
        desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY, decide_by=MONDAY + timedelta(days=60))
    assert again(request).decide_by == request.decide_by


def test_a_day_to_decide_by_is_in_the_future(in_state, anna):
    request = in_state("claimed")
    with pytest.raises(Refused) as refusal:
        desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY, decide_by=MONDAY)
    assert str(refusal.value) == "The day to decide by must be in the future."


def test_reopening_forgets_the_time_that_was_wanted_before(in_state, anna):
    request = in_state("new")
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.WITHDRAWN)
    desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="They rang.")
    after = again(request)
    assert (after.wanted_at, after.place, after.due_from) == (None, None, None)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2))
def test_no_sequence_of_verbs_breaks_a_rule_of_the_database(seed, asked, anna, ben, maya, paula):
    """A random walk: whatever people press in whatever order, it is done or refused in words."""
    choose = random.Random(seed).choice
    request = asked(leave_message=seed % 2 == 0, set_apart_because="Doubtful." if seed % 3 == 0 else "")
    now, done = MONDAY, 0
    for _ in range(200):
        now += timedelta(minutes=choose([0, 1, 12, 90, 60 * 24]))
        times = {"at": datetime.combine(now.date() + timedelta(days=choose([1, 2, 3])), time(10), LONDON)}
        verb, extra = choose(
            [
                (verb, {})
                for verb in (desk.claim, desk.call, desk.no_answer, desk.spoke, desk.claim, desk.call)
            ]
            + [(desk.wrong_number, {}), (desk.left_message, {}), (desk.release, {}), (sorting.make_real, {})]
            + [(desk.call_again, times), (desk.agree_another_time, times), (desk.pass_to_solicitor, {})]
            + [(desk.close, {"outcome": Outcome.NO_BREACH}), (desk.reopen, {"reason": "They rang."})]
            + [(desk.take_over, {"reason": "Needed."}), (desk.correct_number, {"typed": "01632 960001"})]
        )
        try:
            verb(pk=request.pk, by=choose([anna] * 9 + [ben, maya, paula]), now=now, **extra)
            done += 1
        except Refused:
            pass
        receipt_of(again(request), now=now)
        keeping.give_up(now=now)
    assert done > 5


def test_a_running_call_never_lapses(in_state, ben):
    request = in_state("calling")
    assert request.claim_ends_at is None
    with pytest.raises(Refused) as refusal:
        desk.claim(pk=request.pk, by=ben, now=MONDAY + timedelta(hours=5))
    assert str(refusal.value) == "Anna Bell has had this request since 10:00."


def test_claiming_and_calling_twice_is_claiming_and_calling_once(in_state, anna):
    request = in_state("calling")
    desk.claim(pk=request.pk, by=anna, now=MONDAY + MINUTE)
    desk.call(pk=request.pk, by=anna, now=MONDAY + MINUTE)
    assert again(request).attempts == 1
    assert kinds(request) == ["asked", "claimed", "calling"]


def test_no_answer_in_the_morning_is_tried_again_in_the_afternoon(in_state):
    request = in_state("waiting")
    half_past_twelve = datetime(2026, 11, 23, 12, 30, tzinfo=LONDON)
    assert request.attempts == 1
    assert request.due_from == half_past_twelve
    assert request.due_at == half_past_twelve + timedelta(hours=1)
    assert request.promised_by == datetime(2026, 11, 23, 11, 0, tzinfo=LONDON)
    assert request.events.last().was_at == datetime(2026, 11, 23, 11, 0, tzinfo=LONDON)


def test_after_the_third_attempt_the_person_has_a_fortnight(in_state, anna):
    request = in_state("new")
    for _ in range(3):
        desk.claim(pk=request.pk, by=anna, now=MONDAY)
        desk.call(pk=request.pk, by=anna, now=MONDAY)
        desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    waiting = again(request)
    fortnight = MONDAY + timedelta(days=14)
    assert waiting.attempts == 3
    assert (waiting.gives_up_at, waiting.due_from, waiting.due_at) == (fortnight,) * 3

    assert keeping.give_up(now=fortnight - MINUTE) == 0
    assert keeping.give_up(now=fortnight) == 1
    closed = again(request)
    assert (closed.status, closed.outcome, closed.closed_at) == ("closed", "not_reached", fortnight)
    assert (closed.due_at, closed.gives_up_at, closed.fingerprint) == (None, None, None)
    gave_up = request.events.last()
    assert (gave_up.kind, gave_up.actor, gave_up.by) == ("gave_up", "system", None)
    assert (gave_up.was_at, gave_up.outcome) == (fortnight, "not_reached")
    assert keeping.give_up(now=fortnight) == 0


def test_no_message_is_left_for_somebody_who_has_not_allowed_one(in_state, anna):
    request = in_state("calling")
    with pytest.raises(Refused) as refusal:
        desk.left_message(pk=request.pk, by=anna, now=MONDAY)
    assert str(refusal.value).startswith("They asked us to leave no message.")
    CallbackRequest.objects.filter(pk=request.pk).update(leave_message=True)
    desk.left_message(pk=request.pk, by=anna, now=MONDAY)
    assert again(request).status == Status.WAITING


def test_a_wrong_number_has_no_next_attempt_until_it_is_corrected(in_state, anna):
    request = in_state("calling")
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY)
    waiting = again(request)
    assert waiting.gives_up_at == MONDAY + timedelta(days=14)

    desk.correct_number(pk=request.pk, by=anna, now=MONDAY, typed="01632 960 001")
    corrected = again(request)
    assert (corrected.phone, corrected.phone_typed) == ("+441632960001", "01632 960 001")
    assert corrected.gives_up_at is None
    assert corrected.due_at == datetime(2026, 11, 23, 11, 0, tzinfo=LONDON)
    assert Note.objects.get().text == "The number was 07700 900 982."


def test_a_number_that_cannot_be_dialled_is_refused_in_the_forms_words(in_state, anna):
    request = in_state("new")
    with pytest.raises(Refused) as refusal:
        desk.correct_number(pk=request.pk, by=anna, now=MONDAY, typed="12345")
    assert str(refusal.value) == (
        "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
    )
    assert again(request).phone == "+447700900982"


def test_having_spoken_keeps_the_claim_for_ten_minutes(in_state, anna):
    request = in_state("calling")
    desk.spoke(pk=request.pk, by=anna, now=MONDAY + 20 * MINUTE)
    spoken = again(request)
    assert spoken.claimed_by == anna
    assert spoken.claim_ends_at == MONDAY + 30 * MINUTE


def test_call_again_moves_what_is_due_and_nothing_that_was_wished_or_promised(in_state, anna):
    request = in_state("spoken")
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    after = again(request)
    assert (after.due_from, after.due_at) == (TUESDAY_TEN, TUESDAY_TEN + 30 * MINUTE)
    assert (after.wanted_at, after.place) == (None, None)
    assert after.promised_by == request.promised_by
    assert request.events.last().was_at == request.due_at


def test_another_time_agreed_is_as_if_the_visitor_had_chosen_it(in_state, anna):
    request = in_state("new")
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    after = again(request)
    end = TUESDAY_TEN + 30 * MINUTE
    assert (after.wanted_at, after.place) == (TUESDAY_TEN, 1)
    assert (after.due_from, after.due_at, after.promised_by) == (TUESDAY_TEN, end, end)


def test_a_slot_has_two_places_and_moving_within_it_keeps_ones_own(asked, anna):
    requests = [asked(full_name=name) for name in ("First", "Second", "Third")]
    for request in requests[:2]:
        desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    with pytest.raises(Refused) as refusal:
        desk.agree_another_time(pk=requests[2].pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    assert str(refusal.value) == "That time is full. Choose another."
    desk.agree_another_time(pk=requests[1].pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    assert [again(request).place for request in requests] == [1, 2, None]


@pytest.mark.parametrize(
    "at",
    [
        MONDAY - timedelta(hours=1),
        MONDAY + timedelta(minutes=7),
        datetime(2026, 11, 28, 10, 0, tzinfo=LONDON),  # a Saturday
        datetime(2026, 11, 24, 17, 30, tzinfo=LONDON),  # closing time
        datetime(2026, 12, 25, 10, 0, tzinfo=LONDON),
    ],
)
@pytest.mark.parametrize("verb", [desk.call_again, desk.agree_another_time])
def test_a_time_that_has_passed_or_when_we_are_closed_is_refused(verb, at, in_state, anna):
    request = in_state("claimed")
    with pytest.raises(Refused):
        verb(pk=request.pk, by=anna, now=MONDAY, at=at)
    assert again(request).due_at == request.due_at


def test_a_solicitor_has_two_open_days_to_decide(in_state, paula, anna):
    request = in_state("claimed")
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY, solicitor=paula)
    after = again(request)
    wednesday_evening = datetime(2026, 11, 25, 17, 30, tzinfo=LONDON)
    assert (after.solicitor, after.decide_by, after.due_at) == (
        paula,
        wednesday_evening,
        wednesday_evening,
    )


def test_what_is_with_a_solicitor_only_a_partner_closes_or_sends_back(in_state, anna, maya, paula):
    request = in_state("with_solicitor")
    for person in (anna, maya):
        with pytest.raises(Refused) as refusal:
            desk.close(pk=request.pk, by=person, now=MONDAY, outcome=Outcome.TAKEN_ON)
        assert str(refusal.value) == ("A solicitor is deciding this one: only a partner can move it on.")
    desk.call_again(pk=request.pk, by=paula, now=MONDAY, at=TUESDAY_TEN)
    back = again(request)
    assert (back.status, back.decide_by, back.solicitor) == ("waiting", None, None)


def test_what_is_with_a_solicitor_stays_theirs_when_the_desk_takes_a_call_for_it(in_state, anna):
    request = in_state("with_solicitor")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused):
        desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    desk.release(pk=request.pk, by=anna, now=MONDAY)
    assert again(request).status == Status.WITH_SOLICITOR
    assert again(request).decide_by == request.decide_by


def test_closing_frees_the_place_and_everything_that_was_due(in_state, anna):
    request = in_state("new")
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=TUESDAY_TEN)
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.OUT_OF_TIME, reason="In 2012.")
    closed = again(request)
    assert (closed.place, closed.due_from, closed.due_at, closed.fingerprint) == (None,) * 4
    assert (closed.outcome, closed.closed_at) == ("out_of_time", MONDAY)
    reason = Note.objects.get()
    assert (reason.kind, reason.text, reason.event) == ("reason", "In 2012.", request.events.last())


def test_reopening_needs_a_reason_and_is_due_as_soon_as_possible(in_state, anna):
    request = in_state("closed")
    with pytest.raises(Refused):
        desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="")
    desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="They rang.")
    after = again(request)
    assert (after.status, after.outcome, after.closed_at, after.attempts) == ("new", "", None, 0)
    assert request.events.get(kind="closed").outcome == "duplicate"  # still on record
    assert after.due_at == datetime(2026, 11, 23, 11, 0, tzinfo=LONDON)
    assert after.promised_by == request.promised_by


def test_somebody_erased_cannot_be_called_and_so_not_reopened(in_state, anna):
    request = in_state("closed")
    CallbackRequest.objects.filter(pk=request.pk).update(phone="", phone_typed="", full_name="")
    with pytest.raises(Refused):
        desk.reopen(pk=request.pk, by=anna, now=MONDAY, reason="They rang.")


def test_an_open_resemblance_brings_a_claim_back_to_the_conflict_check(in_state, anna):
    request = in_state("conflict_check")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.no_answer(pk=request.pk, by=anna, now=MONDAY)
    assert again(request).status == Status.CONFLICT_CHECK


def test_a_request_made_real_is_due_when_its_arrival_promised(in_state, anna):
    request = in_state("suspected_spam")
    sorting.make_real(pk=request.pk, by=anna, now=MONDAY + timedelta(hours=3))
    real = again(request)
    assert (real.status, real.due_at, real.set_apart_because) == ("new", request.promised_by, "")


def test_a_request_that_is_not_there_is_refused_in_words(anna, db):
    with pytest.raises(Refused) as refusal:
        desk.claim(pk=0, by=anna, now=MONDAY)
    assert str(refusal.value) == "There is no such request."
