"""Bodies of 3 and of 200 MB, at the server itself: an answer comes, and no memory goes."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import served
from tests.faults.running import Site

MB = 1_000_000
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
FIELD = b'--b\r\nContent-Disposition: form-data; name="message"\r\n\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="message"; filename="a.txt"\r\n\r\n'
MOST_GROWTH = 20 * MB  # for a first look at templates and forms; a body kept once would be ten times that

# By what is sent: the head, what begins it and what ends it.
WAYS = {
    "a form": (FORM, b"message=", b""),
    "a field in parts": (PARTS, FIELD, b"\r\n--b--\r\n"),
    "a file in parts": (PARTS, FILE, b"\r\n--b--\r\n"),
}


def peak_memory(site: Site) -> int:
    """The most that any of the web processes has held so far, in bytes."""
    status = [
        Path(f"/proc/{pid}/status").read_text()
        for pid, what in site.processes().items()
        if "gunicorn" in what
    ]
    return max(int(each.split("VmHWM:")[1].split()[0]) * 1024 for each in status)


def send(
    site: Site, path: str, kind: str, begin: bytes, size: int, end: bytes, *, chunked: bool = False
) -> str:
    """The first line of the answer to a body of that size, sent as fast as the server takes it."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(begin) + size + len(end)}"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{length}\r\n\r\n"
    block = b"x" * 50_000
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as line:
        try:
            line.sendall(head.encode() + (b"" if chunked else begin))
            for _ in range(size // len(block)):
                line.sendall(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
            line.sendall(b"0\r\n\r\n" if chunked else end)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough, and has answered
        return line.recv(100).split(b"\r\n")[0].decode()


@pytest.fixture(scope="module")
def warm(data: Path) -> Iterator[Site]:
    """A site of whose pages each process has shown some."""
    for running in served(Site(data, "--no-worker")):
        for _ in range(8):
            send(running, "/request-a-callback/", FORM, b"", 0, b"full_name=Anna")
        yield running


def test_a_body_that_is_too_large_is_answered_and_costs_no_memory(warm: Site):
    before = peak_memory(warm)
    for kind, begin, end in WAYS.values():
        for size in (3 * MB, 200 * MB):
            answer = send(warm, "/request-a-callback/", kind, begin, size, end)
            assert answer == "HTTP/1.1 413 Content Too Large"
    for path in ("/", "/admin/login/", "/no/such/page/"):
        assert send(warm, path, FORM, b"message=", 200 * MB, b"").split()[1] in {"403", "404", "405", "413"}
    for size in (3 * MB, 200 * MB):
        answer = send(warm, "/request-a-callback/", FORM, b"", size, b"", chunked=True)
        assert answer == "HTTP/1.1 400 Bad Request"
    assert peak_memory(warm) - before < MOST_GROWTH


def test_a_browser_that_sends_three_megabytes_hears_the_answer_when_it_has_sent_them(warm: Site):
    """One that is answered, and cut off, while it sends shows an error of its own instead."""
    for kind, begin, end in WAYS.values():
        length = len(begin) + 3 * MB + len(end)
        head = f"POST /request-a-callback/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        with socket.create_connection(("127.0.0.1", warm.port), timeout=30) as line:
            line.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + begin + b"x" * 3 * MB + end)
            assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_no_answer_comes_while_a_body_that_nobody_wants_is_on_its_way(warm: Site):
    head = f"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {3 * MB}\r\n"
    with socket.create_connection(("127.0.0.1", warm.port), timeout=1) as line:
        line.sendall(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + b"x" * 2 * MB)
        with pytest.raises(TimeoutError):
            line.recv(100)
        line.settimeout(30)
        line.sendall(b"x" * MB)
        assert line.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_form_that_breaks_off_on_the_way_is_not_kept(warm: Site):
    body = b"full_name=Anna&phone=07700900982&when=asap&message=I+am+ver"
    head = f"POST /request-a-callback/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n"
    with socket.create_connection(("127.0.0.1", warm.port), timeout=30) as line:
        line.sendall(f"{head}Content-Length: {len(body) + 40}\r\n\r\n".encode() + body)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")
