"""Those who want the same thing at the same moment queue here, for as long as their transaction lasts."""

from hashlib import blake2b

from django.db import connection


def queue_for(*names: str) -> None:
    """Wait until nobody else holds any of these names; always in the same order, so that no two
    wait for each other. Call it before any row is locked."""
    with connection.cursor() as cursor:
        for key in sorted(_key(name) for name in names):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _key(name: str) -> int:
    """A number that fits PostgreSQL's bigint."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
