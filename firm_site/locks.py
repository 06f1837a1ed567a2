"""Those who want the same thing at the same moment queue here, for as long as their transaction lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from django.db import connection

from firm_site import prepared

_QUEUE = """
SELECT CASE WHEN is_shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END
FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(key, is_shared)
"""


def queue_for(*names: str, beside: str = "") -> None:
    """Wait until nobody else holds any of these names, nor holds `beside` alone: any number may stand
    beside each other. That first, then the names in the order of their letters; whoever queues twice in a
    transaction keeps to that order, too, so that no two wait for each other. Before any row is locked."""
    keys = [key_of(name) for name in sorted(names)]
    shared = [key_of(beside)] if beside else []
    prepared.ask(_QUEUE, [shared + keys, [True] * len(shared) + [False] * len(keys)])


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
