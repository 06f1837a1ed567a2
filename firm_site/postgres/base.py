"""The backend that settings name: Django's own, over connections that wait no longer than they may, and with
cursors whose statements are prepared (firm_site.prepared).

Whatever Django or psycopg asks a server, the check of a kept connection and the end of a transaction among
it, goes through `Connection.wait`, and so heeds the deadline.
"""

import select
import time
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg.pq import TransactionStatus

from firm_site import deadline

A_WHILE = 5.0  # seconds in which a machine that lost its power is not back


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when the time of the request that waits for it is up."""

    heard_at = 0.0  # when the server last said something, by the monotonic clock

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> "Connection":
        """psycopg's, which takes two seconds at most for each address, if there is as much time left."""
        deadline.seconds_left(needed=deadline.CONNECTING)
        began = time.monotonic()
        try:
            connection = super().connect(*args, **kwargs)
        except psycopg.errors.ConnectionTimeout:
            deadline.fell_silent()
            raise
        except psycopg.OperationalError:
            deadline.answered()  # to refuse is an answer
            raise
        finally:
            deadline.spend(time.monotonic() - began)
        deadline.answered()
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """psycopg's, for as long as the request may wait; raises OperationalError when that is over."""
        left = deadline.seconds_left()
        result = super().wait(gen, interval, timeout) if left is None else self._wait(gen, interval, left)
        self.heard_at = time.monotonic()
        return result

    def _wait(self, gen: Any, interval: float, left: float) -> Any:
        began = time.monotonic()
        try:
            result = super().wait(gen, interval, left)
        except psycopg.OperationalError:
            waited = time.monotonic() - began
            if waited >= deadline.SILENCE:
                deadline.fell_silent()
            elif waited < left:
                deadline.answered()  # by hanging up
            if waited >= left:  # whatever comes of what was asked, nobody listens
                self.close()
            raise
        finally:
            deadline.spend(time.monotonic() - began)
        deadline.answered()
        return result


class DatabaseWrapper(base.DatabaseWrapper):
    Database: Any = SimpleNamespace(**vars(psycopg) | {"connect": Connection.connect})

    def get_connection_params(self) -> dict[str, Any]:
        """Django's; and in web requests alone limits that the server holds to while it is well, so that it
        stops what nobody waits for any more."""
        params: dict[str, Any] = super().get_connection_params() | {"prepare_threshold": 0}
        if deadline.is_set():
            limit = int(deadline.STATEMENT * 1000)
            limits = f"-c statement_timeout={limit} -c lock_timeout={limit}"
            params["options"] = f"{params.get('options', '')} {limits}".strip()
        return params

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor that has each statement prepared, which Django's own never do."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor: CursorWrapper = self._prepare_cursor(psycopg.Cursor(self.connection))  # type: ignore[attr-defined]
            return cursor

    def is_usable(self) -> bool:
        """Whether a kept connection is there still. A server that ended it has said so, and that lies unread
        here: where nothing does, between two transactions, there is no need to ask. But a machine that lost
        its power says nothing, nor does it know of the connection once it is back."""
        kept = self.connection
        if kept is None or kept.info.transaction_status != TransactionStatus.IDLE:
            return bool(super().is_usable())
        unread = select.poll()
        unread.register(kept.fileno(), select.POLLIN)
        is_silent = time.monotonic() - kept.heard_at > A_WHILE
        return not (is_silent or unread.poll(0)) or bool(super().is_usable())
