"""Two web servers behind nginx: while one is stopped the other answers, and nothing is sent twice that must
not be."""

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.nginx import Nginx, free_port
from tests.faults.running import ROOT, until

FORM = "/request-a-callback/"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
CUT_OFF = b""
REFUSED = "ConnectionRefusedError"


class Server:
    """One that reads every request whole, gives all of them this answer, and notes down their first lines."""

    def __init__(self, answer: bytes, port: int = 0) -> None:
        self.answer = answer
        self.told: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as request:
                head = [line.decode() for line in iter(request.readline, b"\r\n")]
                length = re.search(r"Content-Length: (\d+)", "".join(head))
                request.read(int(length[1]) if length else 0)
                self.told.append(head[0].rpartition(" ")[0])
                connection.sendall(self.answer)

    def end(self) -> None:
        with suppress(OSError):  # it has ended already
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def behind_nginx(*answers: bytes) -> Iterator[tuple[Nginx, list[Server]]]:
    servers = [Server(answer) for answer in answers]
    nginx = Nginx(*(server.port for server in servers))
    try:
        yield nginx, servers
    finally:
        nginx.end()
        for server in servers:
            server.end()


pytestmark = pytest.mark.usefixtures("programs_of_nginx")


def test_what_no_server_took_goes_to_the_other_and_none_is_given_up():
    with behind_nginx(OK, OK) as (nginx, (first, second)):
        first.end()
        for path, method in [(FORM, "POST"), ("/admin/", "POST"), ("/search/", "GET")] * 4:
            assert nginx.ask(path, method, body=b"a=b").status == 200
        assert (len(second.told), first.told) == (12, [])
        second.end()
        until(lambda: nginx.ask("/admin/", "POST").status == 502)
        assert nginx.ask(FORM, "POST", body=b"a=b").status == 502
        back = Server(OK, second.port)
        assert [nginx.ask("/admin/", "POST").status for _ in range(4)] == [200] * 4
        back.end()


@pytest.mark.parametrize(
    ("path", "method", "again"),
    [
        (FORM, "POST", True),
        ("/search/", "GET", True),
        ("/admin/callbacks/", "POST", False),
        ("/callback/TOKEN/", "POST", False),
        ("/complaints/", "POST", False),
    ],
)
def test_cut_off_before_its_answer_only_what_may_be_sent_twice_is(path: str, method: str, again: bool):
    with behind_nginx(CUT_OFF, OK) as (nginx, (cutting, answering)):
        statuses = [nginx.ask(path, method, body=b"a=b").status for _ in range(6)]
        assert len(cutting.told) > 0
        assert statuses.count(502) == (0 if again else len(cutting.told))
        assert len(answering.told) == (6 if again else 6 - len(cutting.told))


def test_a_file_that_one_server_does_not_have_is_asked_of_the_other():
    with behind_nginx(MISSING, OK) as (nginx, (without, _)):
        assert [nginx.ask(f"/static/{number}.css").status for number in range(4)] == [200] * 4
        assert len(without.told) > 0
        assert {nginx.ask(f"/nowhere/{number}").status for number in range(4)} == {200, 404}
    with behind_nginx(MISSING, MISSING) as (nginx, _):
        assert nginx.ask("/static/site.css").status == 404


@pytest.fixture
def loads(tmp_path: Path) -> dict[str, Path]:
    """The file that says that the application is being loaded, and the one that it waits for meanwhile."""
    return {"LOADS": tmp_path / "loads", "MAY_LOAD": tmp_path / "may load"}


@pytest.fixture
def gunicorn(loads: dict[str, Path]) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """gunicorn as deploy/ sets it up, and its port."""
    port = free_port()
    command = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [sys.executable, *command, "--workers", "2", "tests.faults.slow_application"],
        cwd=ROOT,
        env=os.environ | {name: str(path) for name, path in loads.items()},
    )
    yield port, process
    loads["MAY_LOAD"].touch()  # else a worker would wait for ever
    process.kill()
    process.wait()


def status(port: int, seconds: float) -> int | str:
    """What an answer that takes so long has said; or what became of it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", f"/?{seconds}", body=b"a=b")
        return connection.getresponse().status
    except OSError as problem:
        return type(problem).__name__
    finally:
        connection.close()


def test_gunicorn_lets_nobody_in_before_it_can_answer_and_answers_what_it_has_begun(gunicorn, loads):
    port, process = gunicorn
    until(loads["LOADS"].exists)
    assert status(port, 0) == REFUSED
    loads["MAY_LOAD"].touch()
    until(lambda: status(port, 0) == 200)
    with ThreadPoolExecutor(12) as clients:
        begun = [clients.submit(status, port, 2) for _ in range(12)]  # eight run, four wait for their turn
        time.sleep(0.5)
        process.terminate()
        met: list[int | str] = []
        until(lambda: met.append(status(port, 0)) or met[-1] != 200)
        met += [status(port, 0) for _ in range(10)]
    assert [each.result() for each in begun] == [200] * 12
    assert set(met[-11:]) == {REFUSED}
    assert process.wait() == 0
