"""A manager's browser that goes away in the middle of an export, before a real gunicorn."""

import contextlib
import http.client
import os
import re
import socket
import struct
import subprocess
import sys
from base64 import b32decode
from urllib.parse import urlencode

from django_otp.oath import totp

from tests.faults.running import ROOT, Site

PASSWORD = "a long enough password"
REPORTS = "/admin/callbacks/callbackrequest/reports/"
FORM = "application/x-www-form-urlencoded"
EXPORT = "/admin/callbacks/callbackrequest/export/"


class Browser:
    """Logged in as a manager whom it makes first."""

    def __init__(self, site: Site) -> None:
        self.port = site.port
        ours = {"DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}  # the tests', not the site's
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        added = subprocess.run(
            [sys.executable, "manage.py", "add_staff", "exporter", "--group", "managers"],
            cwd=ROOT,
            env=environment | {"DATA": str(site.data), "STAFF_PASSWORD": PASSWORD},
            check=True,
            capture_output=True,
            text=True,
        )
        self.cookies: dict[str, str] = {}
        self.codes = self.log_in(enrolment=added.stdout.strip().rpartition(": ")[2])

    def log_in(self, enrolment: str) -> list[str]:
        """Log in for the first time; returns the recovery codes."""
        self.ask("GET", "/admin/login/")
        self.give("/admin/login/", username="exporter", password=PASSWORD)
        self.give("/admin/login/enrol/", code=enrolment)
        page = self.ask("GET", "/admin/login/authenticator/")
        secret = page.split('<p class="code">')[1].split("</p>")[0].replace(" ", "")
        code = f"{totp(b32decode(secret.upper())):06}"
        return re.findall(r'<li class="code">(.*?)</li>', self.give("/admin/login/authenticator/", code=code))

    def give(self, path: str, **answers: str) -> str:
        """Press the button of a form that was filled in like this."""
        return self.ask("POST", path, urlencode(answers | {"csrfmiddlewaretoken": self.cookies["csrftoken"]}))

    def ask(self, method: str, path: str, body: str = "") -> str:
        """What the site answers; the cookies that it sets are kept."""
        line = http.client.HTTPConnection("localhost", self.port, timeout=20)
        line.request(method, path, body, {"Cookie": self.sent, "Content-Type": FORM})
        with contextlib.closing(line), line.getresponse() as answer:
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            return answer.read().decode()

    @property
    def sent(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def export_and_leave(self, reason: str, *, after: int) -> bytes:
        """Ask for an export, read so many bytes of the answer, and break the line off."""
        token = self.cookies["csrftoken"]
        days = {"since": "2026-01-01", "until": "2026-12-31"}
        code = {"code": self.codes.pop(), "csrfmiddlewaretoken": token}
        body = urlencode(days | {"reason": reason} | code)
        head = [
            f"POST {EXPORT} HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Cookie: {self.sent}",
            f"Content-Type: {FORM}",
            f"Content-Length: {len(body)}",
        ]
        with socket.create_connection(("127.0.0.1", self.port), 20) as line:
            line.sendall("\r\n".join([*head, "", body]).encode())
            read = line.recv(after)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
        return read


def test_who_goes_away_in_the_middle_has_exported_all_the_same_and_nothing_breaks(site: Site):
    browser = Browser(site)
    reasons = [f"Broken off number {number}" for number in range(10)]  # more than there are threads
    begun = [browser.export_and_leave(reason, after=15) for reason in reasons]
    assert begun == [b"HTTP/1.1 200 OK"] * len(reasons)
    page = browser.ask("GET", REPORTS)
    assert [reason for reason in reasons if f": {reason}</li>" not in page] == []
    assert "Traceback" not in site.said
    assert '"exception"' not in site.said
