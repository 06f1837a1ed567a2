"""What is the same for everybody is answered from memory: fresh, compressed, also with the database away."""

import gzip
import sys
import threading
from collections.abc import Callable, Iterable

import brotli
import pytest
from django.db import OperationalError, connections
from django.test import RequestFactory
from django.test.client import ClientHandler
from django.urls import get_resolver, resolve
from django.utils import timezone

from firm_site import page_cache
from firm_site.last_known import LastKnown
from firm_site.page_cache import Copy, PageCache, Place
from tests.writing import published, republished

GUIDE = "/guides/fine/"
BODY = b"<h1>Signs</h1>" * 100


class Django:
    """A WSGI application that says what it is told to say, and counts how often it was asked."""

    def __init__(self, *answers: tuple[str, list[tuple[str, str]], bytes]) -> None:
        self.answers = list(answers) or [("200 OK", [], BODY)]
        self.asked: list[dict] = []
        self.while_asked: Callable[[], object] = lambda: None

    def __call__(self, environ: dict, start_response) -> Iterable[bytes]:
        self.asked.append(environ)
        self.while_asked()
        status, headers, body = self.answers[min(len(self.asked), len(self.answers)) - 1]
        start_response(status, [("Content-Type", "text/html"), *headers])
        return [body]


class Site:
    """A cache before an application, with a clock that is set by hand."""

    def __init__(self, application, **more) -> None:
        self.seconds = 1000.0
        self.cache = PageCache(application, clock=lambda: self.seconds, **more)

    def get(self, path: str = GUIDE, method: str = "GET", **environ: str) -> tuple[str, dict, bytes]:
        said: list = []
        request = RequestFactory().generic(method, path, **{"HTTP_HOST": "testserver"} | environ).environ
        request.pop("HTTP_COOKIE", None)
        if "cookie" in environ:
            request["HTTP_COOKIE"] = environ["cookie"]
        body = b"".join(self.cache(request, lambda status, headers: said.extend([status, headers])))
        names = [name for name, _ in said[1]]
        assert len(names) == len(set(names)), names
        return said[0], dict(said[1]), body


def both(django: Django, **more) -> tuple[Django, Site]:
    return django, Site(django, **more)


# Fresh and old


def test_for_two_seconds_a_copy_serves_whatever_stands_behind_the_question_mark():
    django, site = both(Django())
    answers = [site.get(GUIDE + query) for query in ("?utm_source=x", "", "?a=1&b=2")]
    site.seconds += 1.9
    answers.append(site.get())
    assert [(status, body) for status, _, body in answers] == [("200 OK", BODY)] * 4
    assert [asked["QUERY_STRING"] for asked in django.asked] == [""]


def test_after_two_seconds_a_newer_one_is_made():
    django, site = both(Django(("200 OK", [], b"old"), ("200 OK", [], b"new")))
    first = site.get()
    site.seconds += 2
    assert [first[2], site.get()[2], len(django.asked)] == [b"old", b"new", 2]


def ask_while_one_renews(age: float) -> list[bytes]:
    """What five others get while a sixth makes a newer copy of one of this age, in the order of answers."""
    django, site = both(Django(("200 OK", [], b"old"), ("200 OK", [], b"new")))
    site.get()
    site.seconds += age
    begun, end, got = threading.Event(), threading.Event(), []
    django.while_asked = lambda: (begun.set(), end.wait(20))
    threads = [threading.Thread(target=lambda: got.append(site.get()[2])) for _ in range(6)]
    threads[0].start()
    assert begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    if age < 4:
        for thread in threads[1:]:
            thread.join(20)
    end.set()
    for thread in threads:
        thread.join(20)
    assert len(django.asked) == 2
    return got


def test_while_one_request_renews_it_the_others_get_the_old_copy_at_once():
    assert ask_while_one_renews(3) == [b"old"] * 5 + [b"new"]


def test_nobody_is_given_a_copy_of_four_seconds_while_a_newer_one_can_be_made():
    assert ask_while_one_renews(4) == [b"new"] * 6


def test_only_a_young_copy_may_be_kept_by_nginx_for_what_its_clock_calls_a_second():
    """With up to two seconds of nginx's, nobody is given a copy of five."""
    answer = ("200 OK", [], BODY)
    _, site = both(Django(answer, ("503 Service Unavailable", [], b"")))
    said = [site.get()[1].get("X-Accel-Expires")]
    for seconds in (1.9, 1.0, 0.1):
        site.seconds += seconds
        said.append(site.get()[1].get("X-Accel-Expires"))
    assert said == ["1", "1", "1", None]
    _, site = both(Django(("404 Not Found", [], BODY)))
    assert "X-Accel-Expires" not in site.get()[1]


def test_of_many_who_come_first_one_asks():
    django, site = both(Django())
    django.while_asked = lambda: threading.Event().wait(0.2)
    threads = [threading.Thread(target=site.get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(django.asked) == 1


def test_a_copy_is_as_old_as_what_django_read_for_it():
    django, site = both(Django(("200 OK", [], b"old"), ("200 OK", [], b"new")))

    def take_three_seconds() -> None:
        site.seconds += 3

    django.while_asked = take_three_seconds
    site.get()
    django.while_asked = lambda: None
    site.seconds += 1
    assert site.get()[2] == b"new"


def test_whoever_waited_takes_what_was_asked_for_after_they_came_however_slow():
    place = Place(Copy([], {"": b"new"}, "", made_at=1000))
    assert place.good(1003, came=999) is place.copy
    assert place.good(1003, came=1001) is None


def test_where_a_newer_copy_hangs_one_waits_for_it_and_the_rest_get_the_old_at_once(monkeypatch):
    monkeypatch.setattr(page_cache, "PATIENCE", 0.2)
    django, site = both(Django(("200 OK", [], b"old"), ("200 OK", [], b"new"), ("200 OK", [], b"newest")))
    site.get()
    site.seconds += 10
    begun, end = threading.Event(), threading.Event()
    django.while_asked = lambda: (begun.set(), end.wait(20))
    hanging = threading.Thread(target=site.get)
    hanging.start()
    assert begun.wait(20)
    site.seconds += 1
    assert site.get()[2] == b"old"
    monkeypatch.setattr(page_cache, "PATIENCE", 20)
    assert site.get()[2] == b"old"  # at once, or the other would never come to its end
    end.set()
    hanging.join(20)
    assert site.get()[2] == b"new"
    site.seconds += 1  # what holds while a newer one hangs holds no longer
    assert site.get()[2] == b"newest"


def test_pages_that_are_not_there_disturb_nobody_who_makes_another():
    django, site = both(Django(("404 Not Found", [], b"no")))
    site.cache.places |= {("http", f"/guides/kept-{number}/"): Place() for number in range(400)}
    failed = []

    def ask_for_many(by: int) -> None:
        try:
            for number in range(150):
                site.get(f"/guides/junk-{by}-{number}/")
        except RuntimeError as error:
            failed.append(str(error))

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=ask_for_many, args=[by]) for by in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sys.setswitchinterval(usual)
    assert (failed, len(site.cache.places), len(django.asked)) == ([], 400, 600)


# What is kept, and what is not


def test_whoever_sends_a_cookie_is_led_past():
    django, site = both(Django())
    site.get()
    site.get(cookie="sessionid=x")
    assert len(django.asked) == 2
    assert len(site.cache.places) == 1


def test_plain_http_is_led_past_with_its_query_where_the_site_leads_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    django, site = both(Django(("301 Moved Permanently", [("Location", "https://testserver/")], b"")))
    site.get(GUIDE + "?page=2")
    assert [asked["QUERY_STRING"] for asked in django.asked] == ["page=2"]
    site.get(GUIDE + "?page=2", **{"wsgi.url_scheme": "https"})
    assert [asked["QUERY_STRING"] for asked in django.asked] == ["page=2", ""]


def test_http_and_https_are_kept_apart_as_our_proxies_tell_them(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    _, site = both(Django(("200 OK", [], b"plain"), ("200 OK", [], b"tls")))
    told = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert [site.get()[2], site.get(**told)[2], site.get()[2]] == [b"plain", b"tls", b"plain"]
    assert site.get(**told, REMOTE_ADDR="192.0.2.7")[2] == b"plain"  # said by nobody of ours


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_what_is_not_read_is_led_past(method):
    django, site = both(Django())
    site.get()
    site.get(method=method)
    assert [asked["REQUEST_METHOD"] for asked in django.asked] == ["GET", method]


@pytest.mark.parametrize(
    "answer",
    [
        ("200 OK", [("Set-Cookie", "a=b")], BODY),
        ("200 OK", [("Cache-Control", "max-age=0, no-store")], BODY),
        ("200 OK", [("Cache-Control", "private")], BODY),
        ("404 Not Found", [], BODY),
        ("301 Moved Permanently", [("Location", "/")], b""),
        ("503 Service Unavailable", [], BODY),
    ],
    ids=lambda answer: f"{answer[0]} {answer[1][:1]}",
)
def test_nothing_is_kept_of(answer):
    django, site = both(Django(answer))
    assert [site.get()[0] for _ in range(2)] == [answer[0]] * 2
    assert (len(django.asked), len(site.cache.places)) == (2, 0)


def test_a_page_that_is_no_more_is_forgotten():
    _, site = both(Django(("200 OK", [], BODY), ("410 Gone", [], b"gone"), ("503 Away", [], b"away")))
    site.get()
    site.seconds += 2
    assert site.get()[2] == b"gone"
    assert site.get()[2] == b"away"


FOR_EVERYONE = {
    "home": "",
    "guides": "guides/",
    "guide": "guides/<slug:slug>/",
    "people": "people/",
    "profile": "people/<slug:slug>/",
    "standard": "^(?P<slug>what-happens|privacy|accessibility|complaints|contact)/$",
    "ask": "request-a-callback/",
    "sitemap": "sitemap.xml",
    "robots": "robots.txt",
    "feed": "feed/",
    "security_contact": ".well-known/security.txt",
}


def test_only_these_views_have_opted_in_and_none_with_a_token_a_preview_or_a_search():
    patterns = {}

    def walk(found, before=""):
        for each in found:
            route = before + str(each.pattern)
            if hasattr(each, "url_patterns"):
                walk(each.url_patterns, route)
            elif getattr(each.callback, "is_for_everyone", False):
                patterns[each.name] = route

    walk(get_resolver().url_patterns)
    assert patterns == FOR_EVERYONE


def test_together_the_copies_take_no_more_than_their_room():
    body = bytes(range(256)) * 4  # which does not compress to nothing
    _, site = both(Django(("200 OK", [], body)), room=4000)
    for number in range(10):
        site.get(f"/guides/number-{number}/")
    kept = [path for _, path in site.cache.places]
    assert sum(place.copy.size for place in site.cache.places.values()) <= 4000
    assert kept[-1] == "/guides/number-9/"
    assert 1 < len(kept) < 10


# With the database away


def test_an_old_copy_goes_on_being_served_while_the_database_is_away():
    away = ("503 Service Unavailable", [], b"away")
    django, site = both(Django(("200 OK", [], b"old"), away, away, ("200 OK", [], b"new")))
    site.get()
    site.seconds += 3600
    assert site.get()[::2] == ("200 OK", b"old")
    assert site.get()[::2] == ("200 OK", b"old")
    assert len(django.asked) == 2  # for two seconds nobody tries again
    site.seconds += 2
    assert site.get()[2] == b"old"
    site.seconds += 2
    assert site.get()[2] == b"new"


def test_a_page_made_without_a_part_takes_no_whole_ones_place():
    def read() -> int:
        raise OperationalError

    django, site = both(Django(("200 OK", [], b"whole"), ("200 OK", [], b"in part"), ("200 OK", [], b"new")))
    site.get()
    django.while_asked = LastKnown(read, first=0).now
    site.seconds += 2
    assert site.get()[2] == b"whole"
    django.while_asked = lambda: None
    site.seconds += 2
    assert site.get()[2] == b"new"


# What is sent


@pytest.mark.parametrize(
    ("accepted", "encoding", "read"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_each_gets_what_it_can_read(accepted, encoding, read):
    _, site = both(Django(("200 OK", [("Vary", "Origin")], BODY)))
    _, headers, body = site.get(HTTP_ACCEPT_ENCODING=accepted)
    assert (headers.get("Content-Encoding"), read(body)) == (encoding, BODY)
    assert (headers["Content-Length"], headers["Vary"]) == (str(len(body)), "Origin, Accept-Encoding")


def test_what_does_not_shrink_is_sent_as_it_is():
    _, site = both(Django(("200 OK", [], b"x")))
    assert site.get(HTTP_ACCEPT_ENCODING="br")[2] == b"x"


def test_whoever_has_it_gets_304_with_every_header_but_those_of_a_body():
    django, site = both(Django(("200 OK", [("X-Content-Type-Options", "nosniff")], BODY)))
    _, headers, _ = site.get(HTTP_ACCEPT_ENCODING="br")
    known = [headers["ETag"], f'"other", W/{headers["ETag"]}', headers["ETag"].replace("-br", "")]
    answers = [site.get(HTTP_IF_NONE_MATCH=each, HTTP_ACCEPT_ENCODING="br") for each in known]
    assert [(status, body) for status, _, body in answers] == [("304 Not Modified", b"")] * 3
    assert answers[0][1] == {
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
        "Cache-Control": "no-cache",
        "ETag": headers["ETag"],
        "X-Accel-Expires": "1",
    }
    assert site.get(HTTP_IF_NONE_MATCH='"other"')[0] == "200 OK"
    assert "HTTP_IF_NONE_MATCH" not in django.asked[0]


def test_whoever_asks_for_a_range_gets_the_whole_and_so_does_the_next():
    django, site = both(Django())
    answers = [site.get(HTTP_RANGE="bytes=0-1"), site.get()]
    assert [(status, body) for status, _, body in answers] == [("200 OK", BODY)] * 2
    assert "HTTP_RANGE" not in django.asked[0]


def test_head_says_what_get_would_and_sends_nothing():
    django, site = both(Django())
    head, get = site.get(method="HEAD"), site.get()
    assert (head[:2], head[2], get[2]) == (get[:2], b"", BODY)
    assert [asked["REQUEST_METHOD"] for asked in django.asked] == ["GET"]


def test_the_same_body_keeps_its_tag_and_another_has_another():
    _, site = both(Django(("200 OK", [], b"one"), ("200 OK", [], b"one"), ("200 OK", [], b"two")))
    tags = []
    for _ in range(3):
        tags.append(site.get()[1]["ETag"])
        site.seconds += 2
    assert (tags[0] == tags[1], tags[1] == tags[2]) == (True, False)


# Before the site itself


def through_django(environ: dict, start_response) -> Iterable[bytes]:
    """The site, which leaves the database of the test open."""
    response = ClientHandler(enforce_csrf_checks=False)(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]


@pytest.mark.django_db
def test_a_change_that_is_published_shows_once_the_copy_is_old(now):
    page = published(slug="fine", at=now, body="<p>Before.</p>")
    site = Site(through_django)
    before = site.get()[2].decode()
    republished(page, at=timezone.now(), body="<p>After.</p>")
    site.seconds += 2
    after = site.get()[2].decode()
    assert ("Before." in before, "Before." in after, "After." in after) == (True, False, True)


@pytest.mark.django_db
def test_each_page_for_everyone_is_kept_and_says_so_without_a_cookie(now):
    published(slug="fine", at=now)
    published("profile", "jo-fine", at=now)
    published("standard", "privacy", at=now)
    site = Site(through_django)
    filled = {"guide": GUIDE, "profile": "/people/jo-fine/", "standard": "/privacy/"}
    for name, route in FOR_EVERYONE.items():
        path = filled.get(name, f"/{route}")
        assert resolve(path).func.is_for_everyone
        status, headers, _ = site.get(path)
        found = (status, "Set-Cookie" in headers, headers["Cache-Control"])
        assert found == ("200 OK", False, "no-cache"), path
    assert len(site.cache.places) == len(FOR_EVERYONE)


@pytest.mark.django_db
def test_a_new_process_makes_every_page_before_anybody_asks(now, monkeypatch, caplog):
    caplog.set_level("INFO", "firm_site.access")
    published(slug="fine", at=now)
    published("standard", "privacy", at=now)
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own
    site = Site(through_django)
    site.cache.warm()
    assert {path for _, path in site.cache.places} == {
        "/",
        "/guides/",
        "/people/",
        "/sitemap.xml",
        "/guides/fine/",
        "/privacy/",
    }
    assert [record for record in caplog.records if record.name == "firm_site.access"] == []


def test_a_new_process_waits_for_a_database_that_is_not_there_yet(monkeypatch):
    monkeypatch.setattr(connections, "close_all", lambda: None)
    away = ("503 Service Unavailable", [], b"away")
    _, site = both(Django(away, away, ("200 OK", [], b"<loc>https://testserver/guides/fine/</loc>")))
    slept: list[float] = []
    site.cache.warm(sleep=slept.append)
    assert slept == [0, 1, 2]
    assert {path for _, path in site.cache.places} == {"/sitemap.xml", "/guides/fine/"}


@pytest.mark.parametrize("host", ["evil.example", "", "localhost:80:80", "a" * 5000])
def test_a_host_that_is_not_ours_reaches_no_copy(host):
    django, site = both(Django())
    site.get()
    site.get(HTTP_HOST=host)
    assert (len(django.asked), len(site.cache.places)) == (2, 1)
