"""The site's database backend: connections that are kept, and statements that are prepared."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from django.db import DataError, Error, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from callbacks.actions import person
from callbacks.models import Actor, CallbackRequest, Event, EventKind, Notification, NotificationKind
from firm_site import prepared
from firm_site.postgres.base import A_WHILE
from tests.conftest import MONDAY

# Kept connections


@pytest.fixture
def kept(db) -> Iterator[DatabaseWrapper]:
    """A connection of its own that was used for something."""
    kept = connection.copy()
    kept.cursor().execute("SELECT 'something'")
    yield kept
    kept.close()


def last_question(kept: DatabaseWrapper) -> str:
    """What that connection asked last, as another sees it."""
    with connection.cursor() as cursor:
        pid = kept.connection.info.backend_pid
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone()[0]


def test_a_connection_that_nobody_ended_is_known_to_be_there_without_asking(kept):
    assert kept.is_usable()
    assert last_question(kept) == "SELECT 'something'"


def test_one_of_which_nothing_was_heard_for_a_while_is_asked(kept):
    kept.connection.heard_at -= A_WHILE
    assert kept.is_usable()
    assert last_question(kept) == "SELECT 1"


def test_one_that_was_ended_is_not(kept):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [kept.connection.info.backend_pid])
    assert not kept.is_usable()
    kept.close()
    assert not kept.is_usable()


def test_nor_is_one_within_a_transaction_that_failed(kept):
    kept.set_autocommit(False)
    with kept.cursor() as cursor, pytest.raises(Error):
        cursor.execute("SELECT 1 / 0")
    assert not kept.is_usable()


def test_what_a_server_said_of_its_own_accord_is_no_end(kept):
    kept.cursor().execute("LISTEN something")
    with closing(connection.copy()) as other:
        other.cursor().execute("NOTIFY something")
    assert kept.is_usable()


# Prepared statements


def plans_of(statement: str) -> list[int]:
    """How often each preparation of such a statement was run."""
    times = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = %s"
    with connection.cursor() as cursor:
        cursor.execute(times, [statement])
        return [times for (times,) in cursor.fetchall()]


def test_a_statement_is_prepared_once_for_a_connection_whatever_its_values(db):
    assert [prepared.ask("SELECT %s::text || '!'", [word]) for word in ("one", "two")] == [
        [("one!",)],
        [("two!",)],
    ]
    assert plans_of("SELECT $1::text || '!'") == [2]


def test_rows_are_stored_as_they_are_and_learn_their_numbers(asked):
    request = asked()
    events = [
        Event(request=request, kind=kind, actor=Actor.VISITOR, at=MONDAY)
        for kind in (EventKind.ADDED, EventKind.ASKED_AGAIN)
    ]
    assert prepared.insert(events) is events
    stored = Event.objects.filter(pk__in=[event.pk for event in events]).order_by("pk")
    assert [event.kind for event in stored] == ["added", "asked_again"]
    assert list(stored) == events
    assert prepared.insert([]) == []


def test_a_number_too_long_for_its_column_is_refused_and_not_cut(asked):
    owed = {"kind": NotificationKind.CHANGED, "created_at": MONDAY, "try_again_at": MONDAY}
    with pytest.raises(DataError, match="smallint"):
        prepared.insert([Notification(request=asked(), tries=2**16, **owed)])


def test_a_row_of_one_that_is_not_stored_is_refused(db):
    event = Event(request=CallbackRequest(), kind=EventKind.ADDED, actor=Actor.VISITOR, at=MONDAY)
    with pytest.raises(ValueError, match="unsaved related object 'request'"):
        prepared.insert([event])


@pytest.fixture
def altered(transactional_db) -> Iterator[Callable[[str], None]]:
    """Alter the table of the requests as a migration does, by a connection of its own; undone at the end."""
    with closing(connection.copy()) as other, other.cursor() as cursor:
        yield lambda how: cursor.execute(f"ALTER TABLE callbacks_callbackrequest {how}")
        cursor.execute("ALTER TABLE callbacks_callbackrequest DROP more, ALTER full_name TYPE varchar(120)")


def test_a_person_is_known_while_a_migration_adds_a_column_and_makes_another_longer(altered, asked):
    request = asked(email="Zoe@example.com")

    def known() -> list[tuple]:
        rows = person.known(phone="+447700900982", email="zoe@EXAMPLE.com", now=MONDAY)
        return [(row.pk, row.full_name, row.email, row.due_at) for row in rows]

    before = known()
    assert before == [(request.pk, "Zoë Example", "Zoe@example.com", request.due_at)]
    altered("ADD more text")
    altered("ALTER full_name TYPE varchar(130)")
    assert known() == before
