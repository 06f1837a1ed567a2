"""Answers pages that are the same for everybody from memory, and goes on doing so while the database is away.

A WSGI application in front of Django's. A view opts in by `for_everyone`; whoever sends a cookie is led past.
A copy is fresh for two seconds, from when Django was asked for it. Of an older one a single request makes a
new one, while the others get the old one up to four seconds of age; older they get it only when no new one
can be made: the database is away, or takes longer than anybody should wait.
"""

import gzip
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any
from wsgiref.util import setup_testing_defaults

import brotli
from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import connections
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve

from firm_site.access_log import NOBODY_ASKED
from firm_site.last_known import misses
from firm_site.proxies import scheme_of

type Environ = dict[str, Any]
type Headers = list[tuple[str, str]]
type Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
type Key = tuple[str, str]

FRESH = 2.0  # seconds in which nobody asks for a newer copy
OLDEST = 4.0  # seconds after which all wait for the newer copy
PATIENCE = 4.0  # seconds that they wait
WARM_AFTER = [0, *(2**tries for tries in range(10))]  # seconds between tries: a quarter of an hour in all
PASSED_ON = 3.0  # seconds until which nginx may keep a copy, for what its clock calls one: up to two
ROOM = 32 * 1024 * 1024  # bytes that all copies together may take
BROTLI_QUALITY = 5  # 11 would cost 25 times as long, for a thirtieth of the bytes
OF_ONE_ANSWER = {"content-length", "etag", "vary", "x-request-id"}
NOTHING = {"q=0", "q=0.0", "q=0.00", "q=0.000"}  # weights of what a client cannot read
OF_A_BODY = {"content-type", "content-length", "content-encoding"}
ASKED_OF_A_COPY = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING", "HTTP_RANGE")


def for_everyone[View: Callable[..., Any]](view: View) -> View:
    """Say of a view that its answer is the same for everybody, whatever stands behind the question mark."""
    view.is_for_everyone = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class Answer:
    """What Django said."""

    status: str
    headers: Headers
    body: bytes

    def says(self, name: str) -> str:
        """The value of a header, by its small letters; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def may_be_kept(self) -> bool:
        forbidden = {"no-store", "private"} & set(self.says("cache-control").replace(" ", "").split(","))
        return self.status.startswith("200") and not forbidden and not self.says("set-cookie")


@dataclass(frozen=True)
class Copy:
    """A page as it is kept: its bodies by encoding, the best first, and what they are known by."""

    headers: Headers
    bodies: dict[str, bytes]
    etag: str
    made_at: float

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))

    @classmethod
    def of(cls, answer: Answer, now: float, earlier: "Copy | None") -> "Copy":
        """The copy of an answer; of the same body as the earlier one, nothing is compressed again."""
        kept = [each for each in answer.headers if each[0].lower() not in OF_ONE_ANSWER]
        varies = answer.says("vary")
        kept.append(("Vary", f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"))
        if not answer.says("cache-control"):
            kept.append(("Cache-Control", "no-cache"))  # may be kept, but asked for each time
        if earlier and earlier.bodies[""] == answer.body:
            return cls(kept, earlier.bodies, earlier.etag, now)
        smaller = {
            "br": brotli.compress(answer.body, quality=BROTLI_QUALITY),
            "gzip": gzip.compress(answer.body, compresslevel=6, mtime=0),
        }
        bodies = {name: body for name, body in smaller.items() if len(body) < len(answer.body)}
        etag = hashlib.blake2b(answer.body, digest_size=12).hexdigest()
        return cls(kept, bodies | {"": answer.body}, etag, now)

    @cached_property
    def heads(self) -> dict[str, Headers]:
        """The headers in each encoding, worked out once."""
        heads = {}
        for encoding, body in self.bodies.items():
            tag = ("ETag", f'"{self.etag}{encoding and "-"}{encoding}"')
            of_a_body = [("Content-Length", str(len(body)))]
            if encoding:
                of_a_body.append(("Content-Encoding", encoding))
            heads[encoding] = [*self.headers, tag, *of_a_body]
        return heads

    def answer(self, environ: Environ, start_response: Callable[..., Any], now: float) -> Iterable[bytes]:
        """Send it, as this client can read it; 304 to whoever has it, no body to HEAD.

        While it is young it tells nginx that it may be kept for a second (deploy/nginx.conf.template).
        """
        accepted = _accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        encoding = next((name for name in self.bodies if name in accepted), "")
        headers = list(self.heads[encoding])
        if now - self.made_at < PASSED_ON:
            headers.append(("X-Accel-Expires", "1"))
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and self.etag in _known(known):
            start_response("304 Not Modified", [each for each in headers if each[0].lower() not in OF_A_BODY])
            return []
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.bodies[encoding]]


@dataclass
class Place:
    """Where the copy of one page is kept; whoever makes a new one holds the lock."""

    copy: Copy | None = None
    lock: Lock = field(default_factory=Lock)
    away_until: float = 0  # the database, as far as anybody knows

    def good(self, now: float, *, came: float) -> Copy | None:
        """The copy, where it will do for whoever came then without asking for a newer one."""
        copy = self.copy  # read once: another thread may be putting a newer one there
        if copy and (now - copy.made_at < FRESH or copy.made_at > came or now < self.away_until):
            return copy
        return None


class PageCache:
    """The application with its copies in front. `clock` gives seconds that only go forward."""

    def __init__(
        self, application: Application, *, clock: Callable[[], float] = time.monotonic, room: int = ROOM
    ) -> None:
        self.application = application
        self.clock = clock
        self.room = room
        self.places: OrderedDict[Key, Place] = OrderedDict()  # what was asked for last stands last
        self.turn = Lock()  # of whoever changes `places`

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        place = self._place(environ)
        if place is None:
            return self.application(environ, start_response)
        found = self._find(place, environ)
        if isinstance(found, Copy):
            return found.answer(environ, start_response, self.clock())
        start_response(found.status, found.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [found.body]

    def warm(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Make every page that the sitemap names, so that this process has them before they are asked for;
        with the database not there yet, try again later."""
        try:
            for seconds in WARM_AFTER:
                sleep(seconds)
                if sitemap := self._page("/sitemap.xml"):
                    break
            for path in re.findall(rb"<loc>https?://[^/]+(.*?)</loc>", sitemap):
                self._page(path.decode())
        finally:
            connections.close_all()  # those of this thread

    def _page(self, path: str) -> bytes:
        """The page at this path, as somebody would get it who asks for it by the site's own name; empty for
        anything but a 200."""
        scheme, _, host = settings.SITE_URL.partition("://")
        environ = {
            "wsgi.url_scheme": scheme,
            "HTTP_HOST": host,
            "PATH_INFO": path,
            "REMOTE_ADDR": "127.0.0.1",
            NOBODY_ASKED: True,
        }
        setup_testing_defaults(environ)
        said: list[str] = []
        body = b"".join(self(environ, lambda status, headers: said.append(status)))
        return body if said[0].startswith("200") else b""

    def _place(self, environ: Environ) -> Place | None:
        """Where the copy of what is asked for stands, or would stand; None for what has none."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or "HTTP_COOKIE" in environ:
            return None
        if not _is_ours(environ.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS)):
            return None
        if settings.SECURE_SSL_REDIRECT and scheme_of(environ) == "http":
            return None  # Django leads it to https, query and all
        key = _key(environ)
        with self.turn:
            if place := self.places.get(key):
                self.places.move_to_end(key)
                return place
        if not _is_for_everyone(environ):
            return None
        with self.turn:
            return self.places.setdefault(key, Place())

    def _find(self, place: Place, environ: Environ) -> Copy | Answer:
        """The copy that is kept, or a new one; or what Django said, where that is not to be kept."""
        came, old = self.clock(), place.copy
        if good := place.good(came, came=came):
            return good
        may_wait = old is None or came - old.made_at >= OLDEST
        if not place.lock.acquire(timeout=PATIENCE if may_wait else 0):
            if old and may_wait:  # for whoever asks next, this wait was enough
                place.away_until = self.clock() + FRESH
            return old or self._ask(environ)
        try:
            return place.good(self.clock(), came=came) or self._renew(place, environ)
        finally:
            place.lock.release()

    def _renew(self, place: Place, environ: Environ) -> Copy | Answer:
        began, before = self.clock(), misses()
        answer = self._ask(environ)
        is_whole = misses() == before
        if answer.may_be_kept() and is_whole:
            place.copy, place.away_until = Copy.of(answer, began, place.copy), 0
            self._make_room()
            return place.copy
        if place.copy and (answer.status.startswith("5") or not is_whole):
            place.away_until = self.clock() + FRESH
            return place.copy
        self._forget(place)
        return answer

    def _ask(self, environ: Environ) -> Answer:
        """Have Django make the page, as for somebody who has nothing of it yet."""
        plain = {name: value for name, value in environ.items() if name not in ASKED_OF_A_COPY}
        said: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> None:
            said[:] = [status, list(headers)]

        body: Any = self.application(plain | {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}, start_response)
        with closing(body) if hasattr(body, "close") else nullcontext():
            content = b"".join(body)
        return Answer(said[0], said[1], content)

    def _make_room(self) -> None:
        """Drop what has not been asked for longest, until the rest fits."""
        with self.turn:
            taken = sum(place.copy.size for place in self.places.values() if place.copy)
            while taken > self.room and len(self.places) > 1:
                _, dropped = self.places.popitem(last=False)
                taken -= dropped.copy.size if dropped.copy else 0

    def _forget(self, place: Place) -> None:
        """Keep nothing of a page that is no more, or never was."""
        place.copy = None
        with self.turn:
            for key in [key for key, each in self.places.items() if each is place]:
                del self.places[key]


@lru_cache(maxsize=64)
def _is_ours(host: str, ours: tuple[str, ...]) -> bool:
    """Whether this Host is one of our names, as Django asks."""
    return validate_host(split_domain_port(host)[0], ours)


def _key(environ: Environ) -> Key:
    """By what a page is found again: its scheme and path, since it is the same under each of our names."""
    return scheme_of(environ), environ.get("PATH_INFO", "")


def _is_for_everyone(environ: Environ) -> bool:
    """Whether the view of this path has opted in."""
    try:
        return getattr(resolve(get_path_info(environ)).func, "is_for_everyone", False)
    except Resolver404:
        return False


@lru_cache(maxsize=256)
def _accepted(header: str) -> frozenset[str]:
    """The encodings that this Accept-Encoding allows."""
    named = (part.replace(" ", "").lower().partition(";") for part in header.split(","))
    return frozenset(name for name, _, weight in named if weight not in NOTHING)


def _known(header: str) -> set[str]:
    """The copies that this If-None-Match names, whichever of their encodings."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return {tag.partition("-")[0] for tag in tags}
