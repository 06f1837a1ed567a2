"""What a web request may wait for its database, against a real one that takes its time."""

import time
from collections.abc import Iterable
from contextlib import closing

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse, StreamingHttpResponse

from firm_site import deadline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture(autouse=True)
def _afterwards_nothing_is_limited():
    connection.close()
    yield
    connection.close()
    deadline.answered()


def ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def silence(seconds: float) -> str:
    """A statement that hangs as at a server that heeds no timeout."""
    return f"SET statement_timeout = 0; SELECT pg_sleep({seconds})"


def answered(view, response=HttpResponse) -> bytes:
    """What comes of a web request that does this."""
    application = deadline.limited(lambda environ, start_response: response(view()))
    with closing(application({}, lambda *said: None)) as answer:
        return b"".join(answer)


def test_only_a_web_request_is_limited():
    assert ask("SHOW statement_timeout") == "0"
    connection.close()
    limits = []
    answered(lambda: limits.extend(ask(f"SHOW {name}_timeout") for name in ("statement", "lock")) or "")
    assert limits == ["2s", "2s"]
    assert not deadline.is_set()


def test_all_that_a_request_waits_is_counted_together_and_no_second_try_follows():
    def view() -> str:
        ask("SELECT pg_sleep(0.9)")
        ask("SELECT pg_sleep(0.9)")
        with pytest.raises(OperationalError):
            ask("SELECT pg_sleep(0.9)")
        assert connection.connection.closed
        connection.close()
        with pytest.raises(OperationalError, match="for as long as it may"):
            ask("SELECT 1")  # over a new connection
        return ""

    answered(view)
    answered(lambda: str(ask("SELECT 1")))  # the next request has all its time, and connects anew
    assert ask("SELECT 1") == 1


def test_a_request_that_has_waited_already_begins_no_new_connection():
    def view() -> str:
        ask("SELECT pg_sleep(0.6)")
        connection.close()
        with pytest.raises(OperationalError, match="for as long as it may"):
            ask("SELECT 1")
        return ""

    answered(view)


def test_work_between_two_queries_is_not_counted():
    def view() -> str:
        ask("SELECT 1")
        time.sleep(2.6)
        return str(ask("SELECT 1"))

    assert answered(view) == b"1"


def test_an_answer_that_is_read_while_it_is_sent_has_the_time_for_each_query():
    def lines() -> Iterable[str]:
        for _ in range(3):
            ask("SELECT pg_sleep(0.9)")
            yield "line\n"
        with pytest.raises(OperationalError):
            ask(silence(5))

    assert answered(lines, StreamingHttpResponse) == b"line\n" * 3


def found_silent() -> str:
    with pytest.raises(OperationalError):
        ask(silence(5))
    connection.close()
    return ""


def test_while_the_server_is_silent_one_request_asks_and_the_others_do_not_wait():
    def told_so() -> str:
        with pytest.raises(OperationalError, match="fallen silent"):
            ask("SELECT 1")
        return ""

    answered(found_silent)
    for _ in range(3):
        answered(told_so)
    time.sleep(deadline.PAUSE)
    assert answered(lambda: str(ask("SELECT 1"))) == b"1"
    assert answered(lambda: str(ask("SELECT 1"))) == b"1"


def test_a_server_that_refuses_is_silent_no_more(monkeypatch):
    def refused() -> str:
        with monkeypatch.context() as patched:
            patched.setitem(connection.settings_dict, "NAME", "no_such_database")
            with pytest.raises(OperationalError, match="does not exist"):
                ask("SELECT 1")
        return ""

    answered(found_silent)
    time.sleep(deadline.PAUSE)
    answered(refused)
    assert answered(lambda: str(ask("SELECT 1"))) == b"1"
