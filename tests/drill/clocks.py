"""The machine's clock is set forward and back under a running site."""

import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from firm_site import embedded_postgres
from tests.drill.report import LeftOut, Report, folder_of_its_own
from tests.faults.postgres import Postgres
from tests.faults.running import ROOT, Site, until
from tests.faults.visitors import PATH, TYPED, Readers, Visitors, ask

HOUR = 3600
DAY = 24 * HOUR
CHANGES = {
    3 * HOUR: "forward by 3 hours",
    2 * DAY: "forward by 2 days",
    -HOUR: "back by 1 hour",
    -2 * DAY: "back by 2 days",
}
MORE = 12  # visitors before and after each change
STORED = "SELECT full_name, '/callback/' || token || '/' FROM callbacks_callbackrequest"
OWED = "SELECT 1 FROM callbacks_notification WHERE kind = 'receipt' AND try_again_at IS NOT NULL"
A_TICK = 75  # seconds in which the worker, who works each minute, must have worked

STAFF = """
from django.contrib.auth.models import Group
from firm_site.models import User
for name, group in (("anna", "desk"), ("ben", "desk"), ("maya", "managers")):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set([Group.objects.get(name=group)])
"""
LOG_IN = """
from tests.client import Client
from firm_site.models import User
client = Client()
client.force_login(User.objects.get(username="maya"))
print(client.cookies["sessionid"].value)
"""
CLAIM = """
from django.utils import timezone
from callbacks.actions import desk
from callbacks.models import CallbackRequest
from firm_site.models import User
pk = CallbackRequest.objects.get(full_name="{name}").pk
desk.claim(pk=pk, by=User.objects.get(username="anna"), now=timezone.now())
"""
TAKE = """
from django.utils import timezone
from callbacks.actions import Refused, desk
from callbacks.models import CallbackRequest
from firm_site.models import User
pk = CallbackRequest.objects.get(full_name="{name}").pk
ben, maya = (User.objects.get(username=name) for name in ("ben", "maya"))
try:
    desk.claim(pk=pk, by=ben, now=timezone.now())
    print("a colleague may claim it;", end=" ")
except Refused as refused:
    print("a colleague is told:", refused, end=" ")
try:
    desk.take_over(pk=pk, by=maya, now=timezone.now(), reason="The clock")
    print("a manager took it over")
except Refused as refused:
    print("a manager is told:", refused)
"""


class Clock:
    """What the processes that know of it take for the time: the true one, so many seconds ahead."""

    def __init__(self, folder: Path) -> None:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        if library is None:
            raise LeftOut("the clocks need libfaketime (Debian, Ubuntu: apt install faketime).")
        self.file = folder / "clock"
        self.ahead = 0
        self.set(0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # second: to read the file each time takes most of the time
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # no one who sets a clock sets that
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(Path(__file__).with_name("of_faketime")),
        }

    def set(self, ahead: int) -> None:
        self.ahead = ahead
        new = self.file.with_suffix(".new")
        new.write_text(f"{ahead:+}\n")
        new.rename(self.file)

    def change(self, by: int) -> None:
        self.set(self.ahead + by)


@dataclass
class Trial:
    """A site whose every process, PostgreSQL's too, goes by the clock of the trial."""

    report: Report
    clock: Clock
    site: Site
    postgres: Postgres

    def shell(self, script: str) -> str:
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", script]
        said = subprocess.run(
            command, cwd=ROOT, env=self.site.environment, capture_output=True, text=True, check=True
        )
        return said.stdout.strip()


def try_it(report: Report) -> None:
    """The clock of web, worker and PostgreSQL is set forward and back while people ask."""
    folder = folder_of_its_own()
    clock = Clock(folder)
    start_postgres(clock, folder / "data/pg")
    published_long_ago(clock, folder / "data")
    site = Site(folder / "data", TRUSTED_PROXIES="127.0.0.1", **clock.environment)
    try:
        until(site.serves)
        until(lambda: site.process_of("procrastinate worker"))
        trial = Trial(report, clock, site, Postgres(site))
        trial.shell(STAFF)
        with Readers.of(site) as readers:
            for number, (by, words) in enumerate(CHANGES.items()):
                set_the_clock(trial, number, by, words)
        report.found("the guide was there all the time", set(readers.saw) == {(200, True)}, dict(readers.saw))
    finally:
        site.end(signal.SIGTERM)


def start_postgres(clock: Clock, cluster: Path) -> None:
    """This process starts it, and the site joins: to the server `up` hands nothing of its environment."""
    known = dict(embedded_postgres.ENVIRONMENT)
    embedded_postgres.ENVIRONMENT.update(clock.environment)
    try:
        embedded_postgres.url(cluster)
    finally:
        embedded_postgres.ENVIRONMENT.clear()
        embedded_postgres.ENVIRONMENT.update(known)


def published_long_ago(clock: Clock, data: Path) -> None:
    """The first content, ten days old."""
    clock.set(-10 * DAY)
    first = Site(data, "--no-worker", **clock.environment)
    until(first.serves)
    first.end(signal.SIGTERM)
    clock.set(0)


def set_the_clock(trial: Trial, number: int, by: int, words: str) -> None:
    report, site, postgres, clock = trial.report, trial.site, trial.postgres, trial.clock
    report.line(f"{words}:")
    double = somebody(f"Double {words}", 10 + number)
    claimed = somebody(f"Claimed {words}", 20 + number)
    told = [post(site, double)]
    post(site, claimed)
    trial.shell(CLAIM.format(name=claimed["full_name"]))
    session = trial.shell(LOG_IN)
    flooder = f"10.2.0.{number}"
    with ThreadPoolExecutor(4) as robots:
        answered = list(robots.map(lambda _: post(site, {"full_name": ""}, flooder), range(70)))
    report.line(f"    an address that posts 70 times is answered {answered[-1]}")

    with Visitors(site, words, at_once=2) as visitors:
        visitors.until_served(MORE)
        post(site, somebody(f"Owed before {words}", 30 + number))
        clock.change(by)
        visitors.until_served(MORE)
    post(site, somebody(f"Owed after {words}", 40 + number))
    stored = [row for row in postgres.do(STORED) if row[0].startswith(f"{words} ")]
    lost, more = set(visitors.receipts.items()) - set(stored), len(stored) - len(visitors.receipts)
    # Who hung up before it is set forward and asks again after it comes more than a quarter of an hour later:
    # that is another request.
    report.found(
        "    each who was told so is there once",
        not lost and 0 <= more <= (visitors.at_once if by > 0 else 0),
        f"{len(stored)}; answers {dict(visitors.answers)}",
    )
    told.append(post(site, double))
    same = postgres.do(f"SELECT count(*) FROM callbacks_callbackrequest WHERE full_name = 'Double {words}'")
    if by < 0:
        report.found("    a double click across the change is one request", same == [(1,)], f"told {told}")
    else:
        report.line(f"    a double click across the change: {same[0][0]} requests of one person, told {told}")
    now_told = post(site, {"full_name": ""}, flooder)
    report.found("    nobody is shut out for longer than a minute", now_told[1] <= 60, f"told {now_told}")
    taken = trial.shell(TAKE.format(name=claimed["full_name"]))
    report.line(f"    a claim made before: {taken}")
    report.line(f"    a staff session from before: {with_cookie(site, session)}")
    goes_out(trial)


def goes_out(trial: Trial) -> None:
    """The worker sends what is owed: by itself, or once it is started again."""
    report, site, postgres = trial.report, trial.site, trial.postgres
    began = time.monotonic()
    while postgres.do(OWED) and time.monotonic() < began + A_TICK:
        time.sleep(1)
    took = f"{time.monotonic() - began:.0f} seconds"
    if not postgres.do(OWED):
        report.found("    what was owed has gone out", True, took)
        return
    report.line(f"    what was owed has not gone out after {took}; the worker is started again")
    first = site.process_of("procrastinate worker")
    os.kill(first, signal.SIGTERM)
    until(lambda: site.process_of("procrastinate worker") not in {None, first})
    began = time.monotonic()
    while postgres.do(OWED) and time.monotonic() < began + A_TICK:
        time.sleep(1)
    report.found(
        "    what was owed has gone out once the worker was started again",
        not postgres.do(OWED),
        f"{time.monotonic() - began:.0f} seconds",
    )


def somebody(name: str, number: int) -> dict[str, str]:
    """What they type; no two are one person."""
    return TYPED | {"full_name": name, "phone": f"07700 9010{number}", "email": f"p{number}@example.com"}


def post(site: Site, typed: dict[str, str], address: str = "10.1.0.1") -> tuple[int, int]:
    """The status, and for how many seconds one should wait."""
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=15)) as line:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address}
        line.request("POST", PATH, urllib.parse.urlencode(typed), headers)
        answer = line.getresponse()
        answer.read()
        return answer.status, int(answer.getheader("Retry-After", "0"))


def with_cookie(site: Site, session: str) -> str:
    said = ask(site, "GET", "/admin/", Cookie=f"sessionid={session}")
    return "holds" if said.status == 200 else f"has ended ({said.status})"
