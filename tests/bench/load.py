"""Asks a server the same thing again and again, from processes of its own, and says how often it answered.

Small on purpose: it sends ready bytes and counts those that come back, so that it costs a fraction of what
it measures. Several requests are on their way at once; nginx is sent ten in one go on each connection.
"""

import os
import re
import socket
import ssl
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, BaseSelector, DefaultSelector

PROCESSES = 2
CONNECTIONS = 4  # of each process
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
PIECE = 262144  # bytes that are read at once
TIMES = 100  # that a connection is used; nginx would end it after a thousand requests


@dataclass(frozen=True)
class Asked:
    """What is asked, and of whom: the bytes of a request, a port of this machine, for TLS a name to be found
    in the certificate."""

    port: int
    request: bytes
    at_once: int = 1
    name: str = ""
    certificate: Path | None = None

    def connect(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), 30)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.certificate:
            return plain
        trust = ssl.create_default_context(cafile=self.certificate)
        return trust.wrap_socket(plain, server_hostname=self.name)

    def answer(self) -> bytes:
        """One answer, head and body."""
        with self.connect() as connection:
            connection.sendall(self.request)
            got = b""
            while not is_whole(got, 1):
                some = connection.recv(PIECE)
                assert some, got
                got += some
            return got


@dataclass(frozen=True)
class Rate:
    """Answers in a second, and how much of one processor each took to ask for, in seconds."""

    answers: float
    cost: float


def rate(asked: Asked, seconds: float, pool: ProcessPoolExecutor) -> Rate:
    """How fast it is answered, for so many seconds."""
    runs = [pool.submit(_run, asked, seconds) for _ in range(PROCESSES)]
    counts, times, costs = zip(*(run.result() for run in runs), strict=True)
    return Rate(sum(map(lambda count, took: count / took, counts, times)), sum(costs) / sum(counts))


def _run(asked: Asked, seconds: float) -> tuple[int, float, float]:
    """Of one process: how many were answered, in how many seconds, for how many of processor time."""
    count, began, cpu = 0, time.perf_counter(), sum(os.times()[:2])
    with DefaultSelector() as waiting:
        for _ in range(CONNECTIONS):
            Client(asked).join(waiting)
        while time.perf_counter() - began < seconds:
            for key, _ in waiting.select():
                count += key.data.go_on(waiting)
        took = time.perf_counter() - began
        for key in list(waiting.get_map().values()):
            key.data.connection.close()
    return count, took, sum(os.times()[:2]) - cpu


class Client:
    """A connection that is asked on and on, and made anew before the server would end it."""

    def __init__(self, asked: Asked):
        self.asked, self.ready = asked, asked.request * asked.at_once
        self.connection = asked.connect()
        self.got, self.times = b"", 0
        self.connection.sendall(self.ready)

    def join(self, waiting: BaseSelector) -> None:
        waiting.register(self.connection, EVENT_READ, self)

    def go_on(self, waiting: BaseSelector) -> int:
        """Take what has come; once all of it has, ask again. How many answers that made."""
        some = self.connection.recv(PIECE)
        while isinstance(self.connection, ssl.SSLSocket) and self.connection.pending():
            some += self.connection.recv(PIECE)  # what select does not know of
        assert some, self.got
        self.got += some
        if not is_whole(self.got, self.asked.at_once):
            return 0
        self.got, self.times = b"", self.times + 1
        if self.times < TIMES:
            self.connection.sendall(self.ready)
        else:
            waiting.unregister(self.connection)
            self.connection.close()
            Client(self.asked).join(waiting)
        return self.asked.at_once


def is_whole(got: bytes, many: int) -> bool:
    """Whether so many answers are there, all of them 200, and nothing else."""
    end = 0
    for _ in range(many):
        head = got.find(b"\r\n\r\n", end)
        if head < 0:
            return False
        assert got.startswith(b"HTTP/1.1 200 ", end), got[end:head]
        length = LENGTH.search(got, end, head)
        assert length, got[end:head]
        end = head + 4 + int(length[1])
    assert len(got) <= end, "more than was asked for"
    return len(got) == end
