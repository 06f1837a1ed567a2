"""How often one address may send the form: counted exactly, by PostgreSQL, and forgotten in a day."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.db import connection
from django.utils.crypto import salted_hmac

from callbacks.models import PostCount

POSTS_A_MINUTE = 60  # past that the answer is 429
MINUTE = timedelta(minutes=1)
REQUESTS = 10  # in ten minutes; past that they are set apart, and nobody is told
TEN_MINUTES = timedelta(minutes=10)
KEPT = timedelta(days=1)

# The period begins with the first post; the first after its end begins another.
_COUNT = """
INSERT INTO callbacks_postcount AS counted (key, since, posts) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (key) DO UPDATE SET
    posts = CASE WHEN counted.since <= %(ended)s THEN 1 ELSE counted.posts + 1 END,
    since = CASE WHEN counted.since <= %(ended)s THEN %(now)s ELSE counted.since END
RETURNING since, posts
"""


def seconds_to_wait(address: str, *, now: datetime) -> int:
    """Count a post from `address`; 0 while it may go on, else the seconds until it may again."""
    since, posts = _count("posts", address, MINUTE, now)
    return max(1, round((since + MINUTE - now).total_seconds())) if posts > POSTS_A_MINUTE else 0


def asks_often(address: str, *, now: datetime) -> bool:
    """Count a request from `address`; True when it is one of more than ten in ten minutes."""
    _, requests = _count("requests", address, TEN_MINUTES, now)
    return requests > REQUESTS


def forget(*, now: datetime) -> int:
    """Delete the counts that are over; return how many."""
    deleted, _ = PostCount.objects.filter(since__lt=now - KEPT).delete()
    return deleted


def _count(what: str, address: str, period: timedelta, now: datetime) -> tuple[datetime, int]:
    values: dict[str, str | datetime] = {
        "key": _key(what, address, now),
        "now": now,
        "ended": now - period,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        since, count = cursor.fetchone()
    return since, count


def _key(what: str, address: str, now: datetime) -> str:
    """A hash with a salt of the day: tomorrow nobody can tell whether it was the same address."""
    return salted_hmac(f"{what} {now:%Y-%m-%d}", _network(address), algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    """The address; of IPv6 the /64, which is what one household or one server has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
