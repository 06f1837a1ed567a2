"""A real server sends every header, and does not say what it is."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.expected_headers import shortcomings
from tests.faults.conftest import served
from tests.faults.running import Site

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture
def behind_a_proxy(data: Path) -> Iterator[Site]:
    at = {"SITE_URL": "https://localhost", "TRUSTED_PROXIES": "127.0.0.1"}
    yield from served(Site(data, "--no-worker", **at))


def ask(
    site: Site, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, http.client.HTTPMessage]:
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)) as connection:
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, headers=HTTPS | {"Host": "localhost"} | known)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers


def test_every_kind_of_answer_of_a_real_server(behind_a_proxy: Site):
    style = next(behind_a_proxy.data.glob("static/site.*.css")).name
    file = f"/static/{style}"
    _, known = ask(behind_a_proxy, "GET", file)
    assert known["Cache-Control"] == "max-age=315360000, public, immutable"
    answers = {
        "a page": (200, "GET", "/", {}),
        "a file": (200, "GET", file, {}),
        "a file, compressed": (200, "GET", file, {"Accept_Encoding": "br"}),
        "a file they have": (304, "GET", file, {"If_Modified_Since": known["Last-Modified"]}),
        "to the slash": (301, "GET", "/guides", {}),
        "no such page": (404, "GET", "/nowhere/", {}),
        "another method": (405, "POST", "/guides/", {}),
        "a forged host": (400, "GET", "/", {"Host": "evil.example.com"}),
        "a body too large": (413, "POST", "/request-a-callback/", {"body": "x" * 2_000_000} | FORM),
        "alive": (200, "GET", "/livez", {"Host": "10.0.0.1"}),
        "ready": (200, "GET", "/readyz", {"Host": "10.0.0.1"}),
    }
    found = {}
    for name, (_, method, path, headers) in answers.items():
        status, sent = ask(behind_a_proxy, method, path, **headers)
        found[name] = (status, shortcomings(sent))
    assert found == {name: (status, []) for name, (status, *_) in answers.items()}

    status, sent = ask(behind_a_proxy, "GET", "/guides/?page=2", X_Forwarded_Proto="http")
    assert (status, sent["Location"]) == (301, "https://localhost/guides/?page=2")
    assert shortcomings(sent) == ["Strict-Transport-Security: None"]
