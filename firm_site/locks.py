"""Those who want the same thing at the same moment queue here, for as long as their transaction lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connection


def queue_for(*names: str) -> None:
    """Wait until nobody else holds any of these names; always in the same order, so that no two
    wait for each other. Call it before any row is locked."""
    with connection.cursor() as cursor:
        for key in sorted(key_of(name) for name in names):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


@contextmanager
def holding(name: str) -> Iterator[None]:
    """Hold a name while something goes on outside of any transaction; who asks `is_held` is told so. It ends
    with the connection, whatever happens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key_of(name)])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key_of(name)])


def is_held(name: str) -> bool:
    """Whether somebody else holds this name; if nobody does, nobody will until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT pg_try_advisory_xact_lock(%s)", [key_of(name)])
        return bool(cursor.fetchone()[0])


def key_of(name: str) -> int:
    """The number by which PostgreSQL knows a name that people queue for: it fits its bigint."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
