"""Times and people at the very same moment: no place given twice, nobody linked to half a person,
and nobody left waiting for somebody who waits for them."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from callbacks.actions import TimeGone, desk, keeping, sorting, visiting
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest, Ground
from callbacks.states import Outcome, Status
from tests.client import Client
from tests.conftest import MONDAY, member_of
from tests.faults.running import PATIENCE, until
from tests.faults.test_races import AT_ONCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)

TUESDAY = MONDAY + timedelta(days=1)
NUMBER, AT_WORK = "+447700900111", "+447700900222"
ZOE = "zoe@example.com"


def ask(name: str, phone: str = NUMBER, *, doubt: str = "", **given) -> CallbackRequest:
    answers = Answers(full_name=name, phone=phone, phone_typed=phone, **given)
    return submit(answers=answers, shown=Shown(), by=None, now=MONDAY, set_apart_because=doubt)


def test_of_twelve_who_want_a_slot_at_once_two_get_a_place_and_none_is_lost_sight_of():
    said = at_once(lambda number: ask(f"Person {number}", f"+4477009001{number:02}", wanted_at=TUESDAY).place)
    assert Counter(said) == {1: 1, 2: 1, str(TimeGone(TUESDAY)): AT_ONCE - 2}
    assert CallbackRequest.objects.count() == 2


def test_who_asks_twelve_times_at_once_is_one_person_and_the_fourth_on_are_set_apart():
    at_once(lambda number: ask("Zoë Example", message=f"text {number}"))
    assert Counter(CallbackRequest.objects.values_list("status", flat=True)) == {
        Status.NEW: 3,
        Status.SUSPECTED_SPAM: AT_ONCE - 3,
    }
    first, *others = CallbackRequest.objects.open().order_by("pk")
    assert first.earlier is None
    assert [other.earlier for other in others] == [first, first]
    assert CallbackRequest.objects.open().values("due_at", "promised_by").distinct().count() == 1


def test_a_number_gets_two_places_however_many_ask_at_once():
    names = [
        "Anna",
        "Boris",
        "Carol",
        "Dmitri",
        "Ewa",
        "Farid",
        "Gita",
        "Hugo",
        "Ines",
        "Juan",
        "Kofi",
        "Lena",
    ]
    at_once(lambda number: ask(names[number], wanted_at=TUESDAY + number * timedelta(minutes=30)).place)
    assert CallbackRequest.objects.with_a_place().filter(phone=NUMBER).count() == 2


@pytest.mark.parametrize("again", range(3))
def test_staff_and_visitors_who_want_one_slot_for_the_same_people_never_block_each_other(again):
    anna = member_of("desk", "anna", "Anna", "Bell")
    people = [(f"Person {number}", f"+4477009001{number:02}") for number in range(6)]
    before = [ask(*person) for person in people]

    def act(number: int) -> object:
        if number < 6:
            return ask(*people[number], message="again", wanted_at=TUESDAY).place
        return desk.agree_another_time(pk=before[number - 6].pk, by=anna, now=MONDAY, at=TUESDAY)

    at_once(act)  # a deadlock would be an OperationalError
    places = CallbackRequest.objects.with_a_place().filter(wanted_at=TUESDAY)
    assert sorted(places.values_list("place", flat=True)) == [1, 2]
    for row in before:
        rows = CallbackRequest.objects.of_person(row)
        assert rows.values("status", "due_at", "due_from", "wanted_at", "promised_by").distinct().count() == 1


def test_a_button_on_one_request_and_a_visitor_on_another_of_the_same_person_do_not_block_each_other():
    anna = member_of("desk", "anna", "Anna", "Bell")
    now = timezone.now()
    first, second = ask("Zoë Example"), ask("Zoë Example", message="again")
    staff, visitor = Client(), Client()
    staff.force_login(anna)
    note = f"/admin/callbacks/callbackrequest/{second.pk}/note/"
    for number in range(10):

        def act(who: int, number: int = number) -> int:
            if who:
                return visitor.post(f"/callback/{first.token}/add/", {"text": f"more {number}"}).status_code
            return staff.post(note, {"note-text": f"hello {number} {now}", "edits": "0"}).status_code

        assert at_once(act, many=2) == [302, 303]


def test_who_asks_again_while_somebody_claims_is_claimed_as_well():
    anna = member_of("desk", "anna", "Anna", "Bell")
    first = ask("Zoë Example")
    has_joined = Event()

    def act(who: int) -> None:
        if who:
            has_joined.wait(PATIENCE)
            desk.claim(pk=first.pk, by=anna, now=MONDAY)  # waits for the row of the first
        else:
            with transaction.atomic():
                ask("Zoë Example", message="again")
                has_joined.set()
                until(somebody_waits_for_a_row)

    at_once(act, many=2)
    assert set(CallbackRequest.objects.values_list("status", "claimed_by")) == {(Status.CLAIMED, anna.pk)}
    assert CallbackRequest.objects.count() == 2


def test_who_asks_again_while_somebody_closes_what_they_asked_asks_anew():
    anna = member_of("desk", "anna", "Anna", "Bell")
    first = ask("Zoë Example")
    is_closed = Event()

    def act(who: int) -> CallbackRequest | None:
        if who:
            is_closed.wait(PATIENCE)
            return ask("Zoë Example", message="again")  # waits for the row of the first
        with transaction.atomic():
            desk.close(pk=first.pk, by=anna, now=MONDAY, outcome=Outcome.CLIENT_DECLINED)
            is_closed.set()
            until(somebody_waits_for_a_row)
        return None

    _, second = at_once(act, many=2)
    assert (second.earlier, second.status) == (None, Status.NEW)
    first.refresh_from_db()
    assert first.status == Status.CLOSED


# By two numbers nobody queues for the other: whoever comes second waits for a row of the person's.


def test_who_asks_by_two_numbers_of_theirs_at_once_is_one_person():
    ask("Zoë Example", email=ZOE)
    ask("Zoë Example", AT_WORK, email=ZOE, message="again")
    one_behind_the_other(
        lambda: ask("Zoë Example", message="at ten", wanted_at=TUESDAY),
        lambda: ask("Zoë Example", AT_WORK, message="later", wanted_at=TUESDAY + timedelta(minutes=30)),
    )
    assert places_and_times() == [None, None, None, 1]


def test_who_asks_while_another_request_of_theirs_is_made_real_is_one_person():
    ask("Zoë Example", email=ZOE)
    apart = ask("Zoë Example", AT_WORK, email=ZOE, wanted_at=TUESDAY, doubt="Doubtful.")
    manager = member_of("managers", "anna", "Anna", "Bell")
    one_behind_the_other(
        lambda: sorting.make_real(pk=apart.pk, by=manager, now=MONDAY),
        lambda: ask("Zoë Example", message="later", wanted_at=TUESDAY + timedelta(minutes=30)),
    )
    assert places_and_times() == [None, None, 1]


def test_what_is_made_real_while_the_person_asks_again_is_one_with_it():
    ask("Zoë Example", email=ZOE)
    apart = ask("Zoë Example", AT_WORK, email=ZOE, wanted_at=TUESDAY, doubt="Doubtful.")
    manager = member_of("managers", "anna", "Anna", "Bell")
    one_behind_the_other(
        lambda: ask("Zoë Example", message="later", wanted_at=TUESDAY + timedelta(minutes=30)),
        lambda: sorting.make_real(pk=apart.pk, by=manager, now=MONDAY),
    )
    assert places_and_times() == [None, None, 1]


def test_who_moves_their_call_while_what_they_asked_last_is_erased_keeps_a_place():
    first, last = ask("Zoë Example"), ask("Zoë Example", message="again")
    manager = member_of("managers", "anna", "Anna", "Bell")
    one_behind_the_other(
        lambda: keeping.erase(pks=[last.pk], by=manager, now=MONDAY, ground=Ground.values[0]),
        lambda: visiting.choose_time(pk=first.pk, by=None, now=MONDAY, wanted_at=TUESDAY),
    )
    assert places_and_times() == [1]


def one_behind_the_other(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do both at once, so that `second` waits for a row that `first` has changed and not yet committed."""
    is_done = Event()

    def act(who: int) -> None:
        if who:
            is_done.wait(PATIENCE)
            second()
            return
        with transaction.atomic():
            first()
            is_done.set()
            until(somebody_waits_for_a_row)

    at_once(act, many=2)


def places_and_times() -> list[int | None]:
    """The places of what is open, in order; all of it is linked and due at the later of the two times."""
    first, *others = CallbackRequest.objects.open().order_by("pk")
    assert {row.earlier for row in others} <= {first}
    assert {row.due_from for row in [first, *others]} == {max(row.wanted_at for row in [first, *others])}
    return [row.place for row in [first, *others]]


def somebody_waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0
