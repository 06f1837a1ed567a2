"""Visitors who ask to be called: one, who writes down what was answered; and many at once, each of whom goes
on until the request is acknowledged."""

import contextlib
import http.client
import threading
import time
import urllib.parse
import zlib
from collections import Counter
from dataclasses import dataclass
from html import unescape

from tests.faults.running import PATIENCE, Site, until

PATH = "/request-a-callback/"


@dataclass(frozen=True)
class Said:
    """An answer; of one that never came, or broke off, the status is 0."""

    status: int
    page: str = ""
    seconds: float = 0
    location: str = ""


def ask(
    site: Site,
    method: str,
    path: str,
    typed: dict[str, str] | None = None,
    *,
    listens: bool = True,
    source: str = "127.0.0.1",
    **headers: str,
) -> Said:
    """Ask once, from an address of this machine (any that begins with 127), and hang up before the answer
    unless one listens; redirects are not followed."""
    began = time.monotonic()
    known = {name.replace("_", "-"): value for name, value in headers.items()}
    if typed:
        known["Content-Type"] = "application/x-www-form-urlencoded"
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=15, source_address=(source, 0))
    with contextlib.closing(line):
        try:
            line.request(method, path, urllib.parse.urlencode(typed or {}), known)
            if not listens:
                return Said(0)
            answer = line.getresponse()
            page = unescape(answer.read().decode())
        except (OSError, http.client.HTTPException):
            return Said(0)
    return Said(answer.status, page, time.monotonic() - began, answer.getheader("Location", ""))


class Visitors:
    """So many at once, each `pause` seconds after the last, for as long as the block lasts; whoever has begun
    by then still gets through.

    Each has a name (`called` and a number), a telephone and an address of their own. `site` may be
    exchanged meanwhile.
    """

    def __init__(self, site: Site, called: str, *, at_once: int = 4, pause: float = 0) -> None:
        self.site, self.called, self.pause = site, called, pause
        self.receipts: dict[str, str] = {}  # by name, the address of the page that they were led to
        self.answers: Counter[int] = Counter()
        self.slowest = 0.0  # seconds, of those that were no 303
        self._threads = [threading.Thread(target=self._come, args=[lane]) for lane in range(at_once)]
        self._over = threading.Event()

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *broken: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "somebody never got through"

    def until_served(self, more: int) -> None:
        """Return once so many more are acknowledged."""
        enough = len(self.receipts) + more
        until(lambda: len(self.receipts) >= enough)

    def _come(self, lane: int) -> None:
        number = lane
        while not self._over.is_set():
            self._ask_until_acknowledged(number)
            time.sleep(self.pause)
            number += len(self._threads)

    def _ask_until_acknowledged(self, number: int) -> None:
        name = f"{self.called} {number}"
        phone = f"07700 {zlib.crc32(name.encode()) % 1_000_000:06}"
        typed = {"full_name": name, "phone": phone, "when": "asap", "message": name}
        address = f"127.{number >> 14 & 255}.{number >> 7 & 127}.{number & 127 | 128}"
        if number % 3 == 0:  # whose telephone is in a tunnel, and who never hears the first answer
            ask(self.site, "POST", PATH, typed, listens=False, source=address)
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            said = ask(self.site, "POST", PATH, typed, source=address)
            self.answers[said.status] += 1
            if said.status == 303:
                self.receipts[name] = said.location
                return
            self.slowest = max(self.slowest, said.seconds)
            time.sleep(0.1)
