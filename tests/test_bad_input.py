"""Whatever is sent, to whatever address: an answer with a page, never a fault of ours, and what a visitor
typed is kept."""

import io
import re
from functools import partial
from html import unescape
from urllib.parse import quote

import pytest
from django.conf import settings as site
from django.test import Client, RequestFactory
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.models import CallbackRequest, PostCount
from firm_site.wsgi import application
from pages import preview
from tests.payloads import AWKWARD_TEXTS, BODIES, HEADERS, MARKUP, METHODS, PATHS, QUERIES
from tests.test_role_table import routes
from tests.writing import published

pytestmark = [pytest.mark.django_db, pytest.mark.faults]  # it walks far, and takes long

PUBLIC = {
    "": "/",
    "request-a-callback/": "/request-a-callback/",
    "privacy/complaint/": "/privacy/complaint/",
    "privacy/complaint/received/": "/privacy/complaint/received/",
    "callback/<str:token>/": "/callback/TOKEN/",
    "callback/<str:token>/time/": "/callback/TOKEN/time/",
    "callback/<str:token>/number/": "/callback/TOKEN/number/",
    "callback/<str:token>/add/": "/callback/TOKEN/add/",
    "callback/<str:token>/cancel/": "/callback/TOKEN/cancel/",
    "callback/<str:token>/call.ics": "/callback/TOKEN/call.ics",
    "guides/": "/guides/",
    "guides/<slug:slug>/": "/guides/filler/",
    "people/": "/people/",
    "people/<slug:slug>/": "/people/nobody/",
    "^(?P<slug>what-happens|privacy|accessibility|complaints|contact)/$": "/privacy/",
    "search/": "/search/",
    "preview/<str:token>/": "/preview/SIGNED/",
    r"^img/(?P<name>[0-9a-f]{32})\.(?P<extension>jpg|webp)$": f"/img/{'0' * 32}.jpg",
    "sitemap.xml": "/sitemap.xml",
    "robots.txt": "/robots.txt",
    "feed/": "/feed/",
    "favicon.ico": "/favicon.ico",
    ".well-known/security.txt": "/.well-known/security.txt",
}
BESIDE = ["/livez", "/readyz", "/static/site.css", "/no/such/page/", "/admin/", "/admin/login/"]
POSTED_TO = ["/request-a-callback/", "/privacy/complaint/"]
POSTED_TO += [f"/callback/TOKEN/{each}/" for each in ("time", "number", "add")]
# Where a header could make a difference.
READ = ["/", "/request-a-callback/", "/callback/TOKEN/", "/search/", f"/img/{'0' * 32}.jpg", *BESIDE]
FIELDS = [
    "full_name",
    "phone",
    "when",
    "email",
    "message",
    "procedure",
    "procedure_date",
    "clinic",
    "call_needs",
]
TYPED = {"full_name": "Zoë Example", "phone": "07700 900 982", "when": "asap"}

# Of any script, with all that is awkward in between.
ANY_TEXT = st.text(max_size=60) | st.sampled_from(sorted([*AWKWARD_TEXTS.values(), *MARKUP.values()]))


# One example after the other, in the same database: what they leave there is part of the trial.
trial = partial(settings, suppress_health_check=[HealthCheck.function_scoped_fixture])


def named(payloads: dict) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", payloads.values(), ids=payloads.keys())


@pytest.fixture
def addresses(asked, now) -> dict[str, str]:
    """Where every public page stands, by what it is written as."""
    signed = preview.token(published(at=now).history.get())
    token = asked().token
    return {
        written: path.replace("TOKEN", token).replace("SIGNED", signed) for written, path in PUBLIC.items()
    }


def answer(client: Client, method: str, path: str, body: bytes = b"", kind: str = "", **head: str):
    """The answer, which is none of the 500s and has a page with a heading wherever it is one for people."""
    response = client.generic(method, path, body, content_type=kind, **head)
    content = b"".join(response) if response.streaming else response.content
    assert response.status_code < 500
    is_page = "text/html" in response.get("Content-Type", "") and content
    assert not is_page or content.count(b"<h1") == 1
    return response


def test_every_public_address_is_tried_here():
    assert {
        route for route, _ in routes(get_resolver().url_patterns) if not route.startswith("admin/")
    } == set(PUBLIC)


@pytest.mark.parametrize("method", METHODS)
def test_an_address_knows_its_methods_and_names_them(client, addresses, method):
    for path in [*addresses.values(), *BESIDE]:
        response = answer(client, method, path)
        if response.status_code != 404 and method not in {"GET", "HEAD", "POST"}:
            assert (path, response.status_code) == (path, 405)
        if response.status_code == 405:
            assert method not in response["Allow"].split(", ")
            assert {"GET", "HEAD"} <= set(response["Allow"].split(", "))


def test_head_is_get_without_its_body(client, addresses):
    for path in [*addresses.values(), *BESIDE]:
        got, head = answer(client, "GET", path), answer(client, "HEAD", path)
        assert (path, head.status_code, head.get("Content-Type")) == (
            path,
            got.status_code,
            got.get("Content-Type"),
        )
        assert head.streaming or head.content == b""


@named(QUERIES)
def test_any_query_is_answered_by_every_page_that_reads_one(client, addresses, sent):
    for route, name in (
        ("search/", "q"),
        ("callback/<str:token>/", "done"),
        ("preview/<str:token>/", "frame"),
    ):
        answer(client, "GET", addresses[route], QUERY_STRING=f"{name}={sent}")


def test_a_query_that_nobody_reads_changes_no_page(client, addresses):
    for path in addresses.values():
        plain = answer(client, "GET", path)
        assert answer(client, "GET", path, QUERY_STRING="x=%ff&page=-1&=&&").status_code == plain.status_code


def test_no_public_page_reads_another_parameter():
    read = set()
    for folder in ("firm_site", "pages", "callbacks"):
        for file in sorted((site.BASE_DIR / folder).glob("*.py")):
            read |= set(re.findall(r'request\.GET(?:\.get\(|\[)"(\w+)"', file.read_text()))
            read |= set(re.findall(r'"(\w+)" not in request\.GET', file.read_text()))
    assert read == {"q", "done", "frame", "next"}  # the last of them at the login


@named(PATHS)
def test_any_path_is_answered(client, maya, paula, sent):
    for somebody in (None, maya, paula):
        if somebody:
            client.force_login(somebody)
        for method in ("GET", "POST"):
            answer(client, method, sent)


@named(HEADERS)
def test_any_header_is_answered(client, asked, settings, maya, sent):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    token, next_one = asked().token, "/admin/callbacks/callbackrequest/next/"
    for path in READ:
        answer(client, "GET", path.replace("TOKEN", token), **sent)
    for path in ("/request-a-callback/", "/admin/login/", next_one):
        answer(client, "POST", path, **sent)
    client.force_login(maya)
    answer(client, "POST", next_one, **sent)


@named(BODIES)
def test_any_body_is_answered_wherever_one_is_taken(client, asked, sent):
    kind, body = sent
    token = asked().token
    for path in [*POSTED_TO, "/admin/login/"]:
        answer(client, "POST", path.replace("TOKEN", token), body, kind)
    answer(client, "GET", "/search/?q=thread", body, kind)
    assert (
        CallbackRequest.objects.count() <= 2
    )  # the one that was asked, and the one sent with every field twice


@pytest.mark.parametrize(
    ("name", "status"),
    [("3 MB", 413), ("3 MB in a part", 413), ("1,001 fields", 400), ("UTF-16", 400), ("no boundary", 400)],
)
def test_what_cannot_be_taken_is_told_so(client, name, status):
    kind, body = BODIES[name]
    assert answer(client, "POST", "/request-a-callback/", body, kind).status_code == status


def test_a_file_of_megabytes_is_taken_from_staff_alone(client):
    """Nobody else has anything to upload."""
    large = io.BytesIO(b"x" * 1_100_000)
    large.name = "a.txt"
    assert client.post("/request-a-callback/", {"message": large}).status_code == 413


def served(path: str, body: bytes, **environ: object) -> str:
    """What gunicorn would be told by the whole of the application."""
    told: list[str] = []
    given = RequestFactory().post(path, body, content_type="application/x-www-form-urlencoded").environ
    given |= environ | {"wsgi.input": io.BytesIO(body)}
    answered = application(given, lambda status, headers: told.append(status))
    b"".join(answered)
    answered.close()
    return told[0]


@pytest.mark.parametrize(
    "charset", ["base64", "hex", "rot13", "utf-7", "idna", "no-such", "utf-16", '"utf-16"']
)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_a_charset_that_is_none_is_refused_before_anything_reads_the_text(kind, charset):
    told = served("/request-a-callback/?q=x", b"x", CONTENT_TYPE=f"{kind}; charset={charset}")
    assert told == "400 Bad Request"


def test_half_of_a_form_is_not_taken_for_all_of_it(transactional_db):
    body = b"full_name=Anna&phone=07700900982&when=asap&message=I+am+ver"
    whole = {"CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "localhost"}
    half = whole | {"CONTENT_LENGTH": str(len(body) + 1)}
    part = b'--b\r\nContent-Disposition: form-data; name="full_name"\r\n\r\nAnna'
    parts = half | {"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": str(len(part) + 9)}
    assert served("/request-a-callback/", body, **half) == "400 Bad Request"
    assert served("/request-a-callback/", part, **parts) == "400 Bad Request"
    assert CallbackRequest.objects.count() == 0
    assert served("/request-a-callback/", body, **whole) == "303 See Other"


def test_a_body_that_does_not_tell_its_length_is_refused_rather_than_taken_for_empty(client):
    response = client.post("/request-a-callback/", TYPED, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 400


def kept_in(page: str, name: str) -> str | None:
    """What stands in a field of a page."""
    area = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    field = re.search(rf'<input[^>]* name="{name}"(?: value="([^"]*)")?', page)
    kept = area[1] if area else field and (field[1] or "")
    return kept if kept is None else unescape(kept).replace("\r\n", "\n")


@named(AWKWARD_TEXTS | MARKUP)
def test_whatever_is_typed_into_the_fields_stays_in_them(client, sent):
    response = client.post("/request-a-callback/", dict.fromkeys(FIELDS, sent) | {"when": ""})
    assert response.status_code == 422
    page = response.content.decode()
    assert page.count("<h1") == 1
    kept = {name: kept_in(page, name) for name in FIELDS if name != "when"}
    assert kept == dict.fromkeys(kept, sent.replace("\r\n", "\n"))


@trial(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "page", "page_version", "notice_version", "more_times"]), ANY_TEXT
    )
)
def test_whatever_fills_the_form_is_answered(db, typed):
    PostCount.objects.all().delete()  # or the many examples would be a flood
    response = Client().post("/request-a-callback/", TYPED | typed)
    assert response.status_code in {200, 303, 409, 422}
    assert response.status_code == 303 or response.content.count(b"<h1") == 1


@trial(max_examples=40)
@given(st.sampled_from(["time", "number", "add"]), ANY_TEXT)
def test_whatever_a_visitor_changes_is_answered(asked, part, typed):
    PostCount.objects.all().delete()
    typed = dict.fromkeys(["when", "phone", "text"], typed)
    response = Client().post(f"{asked().get_absolute_url()}{part}/", typed)
    assert response.status_code in {303, 409, 422}


@trial(max_examples=60)
@given(ANY_TEXT)
def test_whatever_is_searched_for_or_stands_for_a_token_is_answered(db, typed):
    answer(
        Client(), "GET", "/search/", QUERY_STRING=RequestFactory().get("/", {"q": typed}).META["QUERY_STRING"]
    )
    for path in ("/preview/{}/", "/callback/{}/", "/callback/{}/add/"):
        response = Client().get(path.format(quote(typed, safe="")))
        assert response.status_code in {400, 404}


@trial(max_examples=15)
@given(ANY_TEXT, ANY_TEXT)
def test_whoever_tries_to_log_in_with_anything_is_answered(db, name, password):
    response = Client().post("/admin/login/", {"username": name, "password": password})
    assert response.status_code < 500
    assert response.content.count(b"<h1") == 1
