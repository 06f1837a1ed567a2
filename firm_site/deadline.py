"""How long a web request may wait for its database: two and a half seconds, all its queries together.

A server that is frozen, or a network that swallows, heeds no timeout of its own and hangs whoever asks for
minutes. Only waiting counts: the work on an upload does not. Worker, commands and migrations have no limit.

Once the server said nothing for so long, one request at a time finds out whether it answers again; the others
do not wait, so that a thread is free for whoever reads.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from psycopg import OperationalError

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

WHOLE = 2.5  # seconds, so that whoever sends the form is answered within three
CONNECTING = 2.0  # seconds that a new connection may take, since libpq knows no less
STATEMENT = 2.0  # seconds after which a server that is well gives up by itself: statement or lock
SILENCE = 2.25  # seconds without a word, after which it is not well
PAUSE = 1.0  # seconds until somebody finds out
FINDS_OUT = 3.0  # seconds in which one does, or has given up


class OfThisThread(threading.local):
    """What the request that this thread answers has left; None where nothing is limited."""

    left: float | None = None
    is_for_each = False


class Silence:
    """Since the server said nothing: until when others do not wait for it (0 while it answers)."""

    until = 0.0
    turn = threading.Lock()


_mine = OfThisThread()


class UntilClosed:
    """An answer with whose end its request's time ends, too: what this thread does next is no part of it."""

    def __init__(self, response: Any) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response)

    def close(self) -> None:
        try:
            self.response.close()
        finally:
            _mine.left = None


def limited(application: Application) -> Application:
    """The application, each of whose requests has that long.

    An answer that is read while it is sent, such as an export, may take as long as its reader does: from its
    first byte on each of its queries has that long, since they are short and many.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _mine.left, _mine.is_for_each = WHOLE, False
        response = application(environ, start_response)
        _mine.is_for_each = getattr(response, "streaming", False)
        return UntilClosed(response)

    return answer


def is_set() -> bool:
    """Whether this thread answers web requests."""
    return _mine.left is not None


def seconds_left(*, needed: float = 0) -> float | None:
    """How long the database may be waited for now, more than is `needed`; None for as long as it takes.

    Raises psycopg's OperationalError, which Django makes its own, where it may not be waited for at all.
    """
    if _mine.left is None:
        return None
    if not (_mine.is_for_each or _mine.left > needed):
        raise OperationalError("This request has waited for the database for as long as it may.")
    if Silence.until and not _finds_out():
        raise OperationalError("The database has fallen silent; another request asks whether it answers.")
    return WHOLE if _mine.is_for_each else _mine.left


def spend(seconds: float) -> None:
    """Take from what is left what was waited."""
    if _mine.left is not None:
        _mine.left -= seconds


def fell_silent() -> None:
    """Note that the server gave no answer in time."""
    if is_set():
        Silence.until = time.monotonic() + PAUSE


def answered() -> None:
    """Note that it did."""
    Silence.until = 0.0


def _finds_out() -> bool:
    """Whether it is for this request to find out, while the others do not wait."""
    with Silence.turn:
        now = time.monotonic()
        if now < Silence.until:
            return False
        Silence.until = now + FINDS_OUT
        return True
