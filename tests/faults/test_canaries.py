"""A word that stands for a person is sent through every field and path of a running site, and into its
faults: no line that any of its processes says holds it."""

import http.cookiejar
import json
import re
import socket
import urllib.error
import urllib.parse
import urllib.request

from tests.faults.postgres import Postgres
from tests.faults.running import Site, until

CANARY = "Quokka"
PASSWORD = "a long enough Quokka password"
PERSON = {
    "full_name": f"{CANARY} Example",
    "phone": "07700 900 982",
    "when": "asap",
    "email": f"{CANARY}@example.com",
    "message": f"It hurts, says {CANARY}",
    "procedure": f"{CANARY} lift",
    "procedure_date": f"2024, {CANARY}",
    "clinic": f"{CANARY} Clinic",
    "call_needs": f"{CANARY} interprets",
    "page": f"/guides/{CANARY}/",
    "website": "",
}


class Browser:
    """Somebody with cookies, who follows where they are led."""

    def __init__(self, site: Site) -> None:
        self.base = f"http://localhost:{site.port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.page, self.at = "", ""

    def ask(self, path: str, data: dict[str, str] | None = None, **headers: str) -> int:
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            answer = self.opener.open(urllib.request.Request(self.base + path, body, known), timeout=30)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            self.page, self.at = (
                answer.read().decode(errors="replace"),
                urllib.parse.urlsplit(answer.url).path,
            )
            return answer.status

    def press(self, path: str, data: dict[str, str]) -> int:
        """Post with the token of the page that was read last."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
        return self.ask(path, data | {"csrfmiddlewaretoken": token[1] if token else ""})


def raw(site: Site, request: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
        line.sendall(request.encode("latin-1"))
        line.recv(1000)


def lines(site: Site) -> list[dict]:
    return [json.loads(line) for line in site.said.splitlines() if line.startswith("{")]


def test_no_word_of_anybody_reaches_the_log(site: Site):
    visitor, staff = Browser(site), Browser(site)
    assert visitor.ask("/request-a-callback/", PERSON) == 200
    receipt = visitor.at
    assert receipt.startswith("/callback/")
    for part, typed in (("number", "phone"), ("add", "text"), ("time", "when"), ("cancel", "x")):
        visitor.ask(f"{receipt}{part}/", {typed: CANARY, "text": CANARY, "phone": f"07700 900 111 {CANARY}"})
    for path in (
        "/search/?q={}",
        "/{}/",
        "/{}?{}",
        "/guides/{}/",
        "/callback/{}",
        "/callback/{}/",
        "/preview/{}/",
    ):
        visitor.ask(path.format(CANARY, CANARY))
    visitor.ask("/", X_Request_ID=CANARY * 2, Referer=f"http://{CANARY}/", User_Agent=CANARY)
    visitor.ask("/", Host=f"{CANARY}.example")

    staff.ask("/admin/login/")
    staff.press(
        "/admin/login/", {"username": CANARY, "password": PASSWORD}
    )  # a password may be typed there, too
    staff.press("/admin/login/", {"username": PASSWORD, "password": CANARY})
    staff.ask(f"/admin/?next={CANARY}")
    staff.ask(f"/admin/callbacks/callbackrequest/?q={CANARY}")
    staff.ask(f"/admin/{CANARY}/", {CANARY: CANARY}, Referer=f"http://localhost:{site.port}/admin/{CANARY}/")

    raw(site, f"GET /{CANARY} {CANARY} HTTP/1.1\r\n\r\n")
    raw(site, f"{CANARY.upper()} / HTTP/9.{CANARY}\r\n\r\n")
    raw(site, f"GET / HTTP/1.1\r\n{CANARY}: \x00\r\n{CANARY}\r\n\r\n")
    raw(site, f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {CANARY}\r\n\r\n")
    raw(site, f"GET /{CANARY * 2000} HTTP/1.1\r\n\r\n")

    with Postgres(site).away():  # and now everything is a fault
        until(lambda: site.status("/readyz") == 503)
        assert visitor.ask("/request-a-callback/", PERSON) == 503
        assert visitor.ask(receipt) == 503
        assert visitor.ask(f"/search/?q={CANARY}") == 503
        staff.ask("/admin/login/", {"username": CANARY, "password": PASSWORD})
        until(lambda: ("/search/", 503) in [(line.get("route"), line.get("status")) for line in lines(site)])

    said = site.said
    for word in (CANARY, CANARY.upper(), CANARY.lower(), "900982", "900 982", receipt.split("/")[2], "hurts"):
        assert word not in said
    assert {line["route"] for line in lines(site) if line["logger"] == "firm_site.access"} >= {
        "/callback/<str:token>/",
        "/callback/<str:token>/number/",
        "/preview/<str:token>/",
        "/search/",
        "/admin/login/",
        "none",
    }
    plain = [line for line in said.splitlines() if not line.startswith("{")]
    assert [line for line in plain if "Traceback" in line or "Error" in line] == []
    assert [line["message"] for line in lines(site) if line["logger"] == "gunicorn.error"][:4] == [
        "Invalid request from ip…"
    ] * 4
