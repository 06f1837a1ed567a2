"""How often one address may send the form: counted exactly, by PostgreSQL, and forgotten in a day."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple

from django.utils.crypto import salted_hmac

from callbacks.models import PostCount
from firm_site import prepared

POSTS_A_MINUTE = 60  # past that the answer is 429
MINUTE = timedelta(minutes=1)
REQUESTS = 10  # in ten minutes; past that they are set apart, and nobody is told
TEN_MINUTES = timedelta(minutes=10)
KEPT = timedelta(days=1)

# A period begins with the first post; the first after its end begins another, as does one from well before it
# began: the clock was set back.
_ONE_MORE = """
ON CONFLICT (key) DO UPDATE SET (since, posts) = (
    SELECT CASE WHEN is_over THEN EXCLUDED.since ELSE counted.since END,
        CASE WHEN is_over THEN 1 ELSE counted.posts + 1 END
    FROM (SELECT counted.since <= {ended} OR counted.since > EXCLUDED.since + interval '1 minute' AS is_over)
)
RETURNING since, posts
"""
# What is sent away as one post too many is no request. Nobody waits until a count is on the disk: the last
# may go with the power.
_COUNT = f"""
WITH post AS (
    INSERT INTO callbacks_postcount AS counted (key, since, posts)
    SELECT %(post)s, %(now)s, 1 FROM set_config('synchronous_commit', 'off', true)
    {_ONE_MORE.format(ended="%(a_minute_ago)s")}
), request AS (
    INSERT INTO callbacks_postcount AS counted (key, since, posts)
    SELECT %(request)s, %(now)s, 1 FROM post WHERE %(asks)s AND post.posts <= {POSTS_A_MINUTE}
    {_ONE_MORE.format(ended="%(ten_minutes_ago)s")}
)
SELECT post.since, post.posts, coalesce(request.posts, 0) FROM post LEFT JOIN request ON true
"""  # noqa: S608 (a number of ours)


class Count(NamedTuple):
    """What the posts from one address come to: the seconds until the next may go on (0: at once), and whether
    this is one of more than ten requests in ten minutes."""

    seconds_to_wait: int
    asks_often: bool


def count(address: str, *, asks: bool, now: datetime) -> Count:
    """Count a post from `address`, and the request that it is, if it `asks` for something and may go on."""
    values: dict[str, Any] = {
        "post": _key("posts", address, now),
        "request": _key("requests", address, now),
        "asks": asks,
        "now": now,
        "a_minute_ago": now - MINUTE,
        "ten_minutes_ago": now - TEN_MINUTES,
    }
    ((since, posts, requests),) = prepared.ask(_COUNT, values)
    wait = max(1, round((since + MINUTE - now).total_seconds())) if posts > POSTS_A_MINUTE else 0
    return Count(wait, requests > REQUESTS)


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
