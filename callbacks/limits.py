"""How often one address may send the form: counted exactly, by PostgreSQL, and forgotten in a day."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple

from django.db import connection
from django.utils.crypto import salted_hmac

from callbacks.models import PostCount

POSTS_A_MINUTE = 60  # past that the answer is 429
MINUTE = timedelta(minutes=1)
REQUESTS = 10  # in ten minutes; past that they are set apart, and nobody is told
TEN_MINUTES = timedelta(minutes=10)
KEPT = timedelta(days=1)

# A period begins with the first post; the first after its end begins another, as does one from well before it
# began: the clock was set back. Nobody waits until a count is on the disk: the last may go with the power.
_COUNT = """
INSERT INTO callbacks_postcount AS counted (key, since, posts)
SELECT key, %(now)s, 1 FROM unnest(%(keys)s::text[]) AS key, set_config('synchronous_commit', 'off', true)
ON CONFLICT (key) DO UPDATE SET (since, posts) = (
    SELECT CASE WHEN is_over THEN EXCLUDED.since ELSE counted.since END,
        CASE WHEN is_over THEN 1 ELSE counted.posts + 1 END
    FROM (SELECT counted.since <= ended OR counted.since > EXCLUDED.since + interval '1 minute' AS is_over
        FROM unnest(%(keys)s::text[], %(ended)s::timestamptz[]) AS period(key, ended)
        WHERE period.key = EXCLUDED.key) AS period
)
RETURNING since, posts
"""


class Count(NamedTuple):
    """What the posts from one address come to: the seconds until the next may go on (0: at once), and whether
    this is one of more than ten requests in ten minutes."""

    seconds_to_wait: int
    asks_often: bool


def count(address: str, *, asks: bool, now: datetime) -> Count:
    """Count a post from `address`, and the request that it is, if it `asks` for something."""
    periods = {"posts": MINUTE} | ({"requests": TEN_MINUTES} if asks else {})
    values: dict[str, Any] = {
        "keys": [_key(what, address, now) for what in periods],
        "ended": [now - period for period in periods.values()],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        (since, posts), *requests = cursor.fetchall()
    wait = max(1, round((since + MINUTE - now).total_seconds())) if posts > POSTS_A_MINUTE else 0
    return Count(wait, any(many > REQUESTS for _, many in requests))


def forget(*, now: datetime) -> int:
    """Delete the counts that are over; return how many."""
    deleted, _ = PostCount.objects.filter(since__lt=now - KEPT).delete()
    return deleted


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
