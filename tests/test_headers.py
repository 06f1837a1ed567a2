"""Every kind of answer carries every header, whoever gave it: a view, a middleware, Django itself."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path
from django.utils import timezone

from callbacks import hours, limits
from firm_site import urls
from firm_site.admin_site import EDITOR_STYLE
from firm_site.errors import PAGES, error_page
from pages import preview
from pages.models import STANDARD_SLUGS, Format, Kind, PictureFile
from tests.client import Client
from tests.conftest import member_of
from tests.drawing import kept
from tests.expected_headers import FOR_VISITORS, IN_A_FRAME, shortcomings
from tests.test_role_table import STAFF_ROUTES, routes
from tests.test_roles import MAY_OPEN, an_object_of
from tests.writing import published, republished, withdrawn

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_headers")]

ASK, STYLE = "/request-a-callback/", "/static/site.css"
GOOD = {"full_name": "Zoë Example", "phone": "07700 900 982", "when": "asap"}
FOR_STAFF = f"{FOR_VISITORS}; connect-src 'self'; frame-src 'self'"
NONCE = r" 'nonce-([\w-]{22})'"
WITH_THE_EDITOR = FOR_STAFF.replace("style-src 'self'", f"style-src 'self' '{EDITOR_STYLE}'")


def fails(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def says(request: HttpRequest, status: int) -> HttpResponse:
    return error_page(request, status)


urlpatterns = [path("fails/", fails), path("says/<int:status>/", says), *urls.urlpatterns]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

PUBLIC_ROUTES = [
    route for route, _ in routes(get_resolver(urls.__name__).url_patterns) if not route.startswith("admin/")
]


@pytest.fixture(autouse=True)
def _https_behind_a_proxy(settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


@pytest.fixture
def over_https() -> Client:
    return Client(raise_request_exception=False, headers={"x-forwarded-proto": "https"})


def filled(route: str, **values: Any) -> str:
    """The address of a route, with these values where it has its parts."""
    plain = re.sub(r"[\^$\\]", "", route)
    part = r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>"
    return "/" + re.sub(part, lambda found: str(values[found[1] or found[2]]), plain)


def test_every_address_for_visitors(over_https, asked, now):
    guide = published(at=now)
    published(Kind.PROFILE, "someone", at=now)
    for slug in STANDARD_SLUGS:
        published(Kind.STANDARD, slug, at=now)
    kept()
    slot = next(start for start, _ in hours.slots(hours.DEFAULT, timezone.now() + timedelta(days=1)))
    request = asked(at=timezone.now(), wanted_at=slot)
    values = {"name": PictureFile.objects.filter(format=Format.WEBP)[0].hash, "extension": "webp"}
    found = {}
    for route in PUBLIC_ROUTES:
        is_preview = route.startswith("preview/")
        values["token"] = preview.token(guide.history.get()) if is_preview else request.token
        values["slug"] = {"g": "filler", "p": "someone"}.get(route[0:1], "privacy")
        response = over_https.get(filled(route, **values))
        assert response.status_code == (302 if route == "favicon.ico" else 200), route
        found[route] = shortcomings(response.headers, IN_A_FRAME if is_preview else FOR_VISITORS)
        assert b"nonce" not in response.content
    assert {route: wrong for route, wrong in found.items() if wrong} == {}
    assert len(found) > 20


# Where the body of a page is written, and the list of pages, which is of the same class.
HAVE_THE_EDITOR = {
    "managers": set(),
    "partners": {"admin/pages/page/", "admin/pages/page/add/", "admin/pages/page/<path:object_id>/change/"},
}


@pytest.mark.faults  # it walks far, and takes long
@pytest.mark.parametrize("group", HAVE_THE_EDITOR)
def test_every_address_for_staff_and_the_style_of_the_editor_only_where_it_is(over_https, asked, group):
    over_https.force_login(member_of(group, "person", "A", "Person"))
    things = {kind: an_object_of(kind, asked) for kind in MAY_OPEN}
    policies, nonces = {}, []
    for route, _ in STAFF_ROUTES:
        pk = things.get(".".join(route.split("/")[1:3]), 1)
        values = {"object_id": pk, "pk": pk, "id": pk, "name": "claim", "app_label": "pages", "url": "none"}
        response = over_https.get(filled(route, **values))
        policy = response["Content-Security-Policy"]
        assert shortcomings(response.headers, policy) == [], route
        for nonce in set(re.findall(NONCE, policy)):
            assert f'nonce="{nonce}"' in response.text, route
            nonces.append(nonce)
        policies[route] = re.sub(NONCE, "", policy)
        assert response.status_code != 200 or policies[route] != FOR_VISITORS, route
    assert set(policies.values()) <= {FOR_VISITORS, FOR_STAFF, WITH_THE_EDITOR}
    assert {route for route in policies if policies[route] == WITH_THE_EDITOR} == HAVE_THE_EDITOR[group]
    assert len(set(nonces)) == len(nonces)
    assert nonces


def whole(response: HttpResponse) -> HttpResponse:
    """The answer, its file closed."""
    if response.streaming:
        response.close()
    return response


def moved(over_https: Client) -> HttpResponse:
    now = timezone.now()
    republished(published(at=now), at=now, slug="elsewhere")
    return over_https.get("/guides/filler/")


def gone(over_https: Client) -> HttpResponse:
    now = timezone.now()
    withdrawn(published(at=now), at=now)
    return over_https.get("/guides/filler/")


def not_modified(over_https: Client, address: str) -> HttpResponse:
    first = whole(over_https.get(address))
    known = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}
    return over_https.get(address, headers={known[name]: first[name] for name in known if name in first})


def picture() -> str:
    return kept().files.all()[0].path


def unready(over_https: Client) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'callbacks'")
    return over_https.get("/readyz")


def with_too_many(over_https: Client) -> HttpResponse:
    for _ in range(limits.POSTS_A_MINUTE):
        limits.count("127.0.0.1", asks=False, now=timezone.now())
    return over_https.post(ASK, GOOD)


def from_elsewhere(over_https: Client) -> HttpResponse:
    return over_https.post(ASK, GOOD, headers={"sec-fetch-site": "cross-site"})


def without_its_token(over_https: Client) -> HttpResponse:
    over_https.handler.enforce_csrf_checks = True
    return over_https.post("/admin/login/")


ANSWERS: dict[str, tuple[int, Callable[[Client], HttpResponse]]] = {
    "a forged host": (400, lambda client: client.get(ASK, headers={"host": "evil.example.com"})),
    "a NUL in the address": (400, lambda client: client.get("/search/?q=%00")),
    "too many fields": (400, lambda client: client.post(ASK, {f"field{n}": "x" for n in range(201)})),
    "a form without its token": (403, without_its_token),
    "a form from elsewhere": (403, from_elsewhere),
    "no such page": (404, lambda client: client.get("/no/such/page/")),
    "no such file": (404, lambda client: client.get("/static/none.css")),
    "no such picture": (404, lambda client: client.get(f"/img/{'0' * 32}.webp")),
    "another method": (405, lambda client: client.delete("/guides/")),
    "another method for a file": (405, lambda client: client.post(STYLE)),
    "TRACE": (405, lambda client: client.trace("/")),
    "a page withdrawn": (410, gone),
    "a body too large": (413, lambda client: client.post(ASK, {"message": "x" * 1_100_000})),
    "a form to be mended": (422, lambda client: client.post(ASK, {})),
    "too many posts": (429, with_too_many),
    "a fault of ours": (500, lambda client: client.get("/fails/")),
    "to the slash": (301, lambda client: client.get("/guides")),
    "to where a page is now": (301, moved),
    "to the receipt": (303, lambda client: client.post(ASK, GOOD)),
    "to the icon": (302, lambda client: client.get("/favicon.ico")),
    "a file": (200, lambda client: client.get(STYLE)),
    "a file by HEAD": (200, lambda client: client.head(STYLE)),
    "part of a file": (206, lambda client: client.get(STYLE, headers={"range": "bytes=0-9"})),
    "a file they have": (304, lambda client: not_modified(client, STYLE)),
    "a picture they have": (304, lambda client: not_modified(client, picture())),
    "the picture of shared links": (200, lambda client: client.get("/static/icons/shared.png")),
    "alive": (200, lambda client: client.get("/livez")),
    "alive, by any name": (200, lambda client: client.get("/livez", headers={"host": "10.0.0.1"})),
    "ready": (200, lambda client: client.get("/readyz")),
    "not ready": (503, unready),
} | {
    f"the page of {status}": (status, lambda client, status=status: client.get(f"/says/{status}/"))
    for status in sorted(PAGES)
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_kind_of_answer(over_https, answer):
    status, ask = ANSWERS[answer]
    response = whole(ask(over_https))
    assert (response.status_code, shortcomings(response.headers)) == (status, [])


# HSTS would be ignored over plain http (RFC 6797, 8.1), and is not sent.
@pytest.mark.parametrize(
    ("address", "host", "status"),
    [("/guides/?q=x", "localhost", 301), (ASK, "evil.example.com", 400), ("/livez", "10.0.0.1", 200)],
)
def test_over_plain_http_all_but_hsts(address, host, status):
    response = Client().get(address, headers={"host": host})
    assert response.status_code == status
    assert shortcomings(response.headers) == ["Strict-Transport-Security: None"]


def test_in_debugging_a_fault_is_shown_in_full_and_only_the_policy_is_lifted(over_https, settings):
    settings.DEBUG = True  # Django's page of a fault has styles and a script of its own
    response = over_https.get("/fails/")
    assert response.status_code == 500
    assert shortcomings(response.headers) == ["Content-Security-Policy: None"]
