"""Visitors who ask to be called: one, who writes down what was answered; and many at once, each of whom goes
on until the request is acknowledged. And readers of the guide."""

import contextlib
import http.client
import re
import threading
import time
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Self

from tests.faults.running import PATIENCE, Site, until

PATH = "/request-a-callback/"
GUIDE = "/guides/botched-thread-lift/"
TITLE = "Signs of a Botched Thread Lift Gone Wrong"
TYPED = {
    "full_name": "Zoë Example",
    "phone": "07700 900 982",
    "say_who": "yes",
    "when": "asap",
    "email": "zoe@example.com",
    "message": "Two\nlines & more",
    "procedure": "Thread lift",
    "procedure_date": "March 2025",
    "clinic": "Some Clinic",
    "call_needs": "After school",
}


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


def keeps(page: str, name: str, when: str) -> bool:
    """Whether everything typed is in it, with both times, and the one that was chosen marked."""
    fields = TYPED | {"full_name": name}
    lines = [each for each in fields if each not in {"message", "say_who", "when"}]
    kept = [f'name="{each}" value="{fields[each]}"' in page for each in lines]
    marked = re.findall(r"<input[^>]*\bchecked\b[^>]*>", page)
    values = [re.search(r'value="([^"]*)"', each)[1] for each in marked]
    return all(kept) and ">\nTwo\nlines & more</textarea>" in page and sorted(values) == sorted(["yes", when])


class Crowd:
    """So many at once, each in a thread of their own, who `come` until the block ends (`over`)."""

    def __init__(self, many: int) -> None:
        self.over = threading.Event()
        self._threads = [threading.Thread(target=self.come, args=[lane]) for lane in range(many)]

    def come(self, lane: int) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *broken: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "somebody never got through"


class Visitors(Crowd):
    """So many at once, each `pause` seconds after the last, for as long as the block lasts; whoever has begun
    by then still gets through.

    Each has a name (`called` and a number), a telephone and an address of their own: of this machine
    `through_nginx`, else by the word of the proxy for which they are taken. `site` may be exchanged
    meanwhile.
    """

    def __init__(
        self, site: Site, called: str, *, at_once: int = 4, pause: float = 0, through_nginx: bool = False
    ) -> None:
        super().__init__(at_once)
        self.site, self.called, self.pause, self.through_nginx = site, called, pause, through_nginx
        self.at_once = at_once
        self.receipts: dict[str, str] = {}  # by name, the address of the page that they were led to
        self.answers: Counter[int] = Counter()
        self.slowest = 0.0  # seconds, of those that were no 303

    def until_served(self, more: int) -> None:
        """Return once so many more are acknowledged."""
        enough = len(self.receipts) + more
        until(lambda: len(self.receipts) >= enough)

    def come(self, lane: int) -> None:
        number = lane
        while not self.over.is_set():
            self._ask_until_acknowledged(number)
            time.sleep(self.pause)
            number += self.at_once

    def _ask_until_acknowledged(self, number: int) -> None:
        name = f"{self.called} {number}"
        phone = f"07700 {zlib.crc32(name.encode()) % 1_000_000:06}"
        typed = {"full_name": name, "phone": phone, "when": "asap", "message": name}
        address = f"127.{number >> 14 & 255}.{number >> 7 & 127}.{number & 127 | 128}"
        told = {"X_Forwarded_For": address, "X_Forwarded_Proto": "https"}  # as by nginx
        if self.through_nginx:
            told = {"source": address}
        if number % 3 == 0:  # whose telephone is in a tunnel, and who never hears the first answer
            ask(self.site, "POST", PATH, typed, listens=False, **told)
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            said = ask(self.site, "POST", PATH, typed, **told)
            self.answers[said.status] += 1
            if said.status == 303:
                self.receipts[name] = said.location
                return
            self.slowest = max(self.slowest, said.seconds)
            time.sleep(0.1)


class Readers(Crowd):
    """Who look at the guide all the time, for as long as the block lasts: by `look`, which returns status and
    page. What they saw is counted: the status, and whether it was the guide."""

    def __init__(self, look: Callable[[], tuple[int, str]]) -> None:
        super().__init__(1)
        self.look = look
        self.saw: Counter[tuple[int, bool]] = Counter()

    @classmethod
    def of(cls, site: Site) -> "Readers":
        def look() -> tuple[int, str]:
            said = ask(site, "GET", GUIDE)
            return said.status, said.page

        return cls(look)

    def come(self, lane: int) -> None:
        while not self.over.wait(0.05):
            status, page = self.look()
            self.saw[status, TITLE in page] += 1
