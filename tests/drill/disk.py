"""The disk fills up while people ask."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.drill.report import LeftOut, Report
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import PATH, TYPED, Readers, Visitors, ask, keeps

SIZE = "400m"
MORE = 20  # visitors between two happenings
STORED = "SELECT full_name, '/callback/' || token || '/' FROM callbacks_callbackrequest"
LONGEST = 3  # seconds to an answer


def try_it(report: Report) -> None:
    """The disk of data folder and database is full while people ask."""
    with small_file_system() as folder:
        site = Site(folder / "data", TRUSTED_PROXIES="127.0.0.1")
        try:
            until(site.serves)
            with Readers.of(site) as readers:
                fill_and_make_room(report, site, folder / "ballast")
            report.found(
                "the guide was there all the time", set(readers.saw) == {(200, True)}, dict(readers.saw)
            )
        finally:
            site.end(signal.SIGTERM)


@contextmanager
def small_file_system() -> Iterator[Path]:
    """A folder with a disk of its own, in memory."""
    if os.geteuid() != 0:
        raise LeftOut("the full disk needs root, who may mount a small file system.")
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        raise LeftOut("the full disk needs a small file system, and none can be mounted here.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def fill_and_make_room(report: Report, site: Site, ballast: Path) -> None:
    postgres = Postgres(site)
    until(lambda: site.process_of("procrastinate worker"))
    with Visitors(site, "Visitor") as visitors:
        visitors.until_served(MORE)
        report.line(f"room before: {ready(site)['free_disk_bytes']:,} bytes, of {SIZE}")
        fill(ballast)
        report.line(f"full: {ready(site).get('free_disk_bytes')} bytes left, says /readyz")

        answered = posts(site, "Amid the full disk", seconds=5)
        report.line(
            f"answers to posts of 5 seconds: {dict(answered)}; visitors so far: {dict(visitors.answers)}"
        )
        try:
            with_no_room_for_a_log(report, site, postgres)
        finally:
            ballast.unlink()
        made_room = time.monotonic()
        until(lambda: ready(site).get("database") == "ok")
        report.line(f"the database answered {time.monotonic() - made_room:.1f} seconds after there was room")
        visitors.until_served(MORE)
    told = [each for each in postgres.do(STORED) if each[0].startswith("Visitor ")]
    report.found(
        "each who was told that we have the request is there once",
        sorted(told) == sorted(visitors.receipts.items()),
        len(visitors.receipts),
    )
    report.found(
        "nobody was answered but 303 or 503", set(visitors.answers) <= {303, 503}, dict(visitors.answers)
    )
    report.found(
        "whoever was told 503 was told within 3 seconds",
        visitors.slowest < LONGEST,
        f"{visitors.slowest:.1f}",
    )
    worker_works(report, site, postgres)


def with_no_room_for_a_log(report: Report, site: Site, postgres: Postgres) -> None:
    """PostgreSQL has no room for its next segment of the log: the worst that a full disk does."""
    before = postgres.pid
    try:
        postgres.do("CREATE TABLE filler AS SELECT repeat('x', 900) FROM generate_series(1, 100)")
    except Exception as problem:
        report.line(f"a new table: {str(problem).splitlines()[0]}")
    for _ in range(3):
        try:
            postgres.do("SELECT pg_switch_wal()", "SELECT txid_current()")
        except Exception as problem:
            report.line(f"the log's next segment: {str(problem).splitlines()[0]}")
            break
    time.sleep(5)  # seconds: whoever watches over it has tried to start it by now
    log = (postgres.folder / "server.log").read_text(errors="replace").splitlines()
    died = [line for line in log if "PANIC" in line or "FATAL:  could not" in line]
    report.line(f"PostgreSQL's log says: {died[-1] if died else 'nothing, having no room for it'}")
    report.line(f"its process {'goes on' if Path(f'/proc/{before}').exists() else 'has ended'}")
    said = ask(site, "POST", PATH, TYPED | {"full_name": "While it is down"})
    report.found("the form answers 503 meanwhile", said.status == 503)
    report.found("with everything typed", keeps(said.page, "While it is down", "asap"))
    report.found("and the telephone number", "0808 189 7703" in said.page)
    report.found("within 3 seconds", said.seconds < LONGEST, f"{said.seconds:.1f}")
    report.found("/livez is 200", site.status("/livez") == 200)


def worker_works(report: Report, site: Site, postgres: Postgres) -> None:
    """Somebody with an e-mail address asks, and is written to."""
    ask(site, "POST", PATH, TYPED | {"full_name": "Afterwards", "email": "afterwards@example.com"})
    began = time.monotonic()
    owed = "SELECT 1 FROM callbacks_notification WHERE kind = 'receipt' AND sent_at IS NULL"
    while postgres.do(owed) and time.monotonic() < began + 130:
        time.sleep(1)
    report.found(
        "the worker works again by itself", not postgres.do(owed), f"{time.monotonic() - began:.0f} seconds"
    )
    said = [line for line in site.said.splitlines() if line.startswith(("The worker", "The database"))]
    report.line(f"`manage.py up` said: {' '.join(said)}")


def fill(ballast: Path) -> None:
    with ballast.open("wb") as file:
        for size in (1_000_000, 4096):
            try:
                while True:
                    file.write(b"x" * size)
                    file.flush()
            except OSError:
                continue


def posts(site: Site, name: str, *, seconds: float) -> Counter[int]:
    """What so many seconds of posts, one after the other, were answered."""
    answered: Counter[int] = Counter()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        number = answered.total()
        typed = TYPED | {
            "full_name": f"{name} {number}",
            "phone": f"07700 8{number:05}",
            "message": "x" * 3000,
        }
        answered[
            ask(site, "POST", PATH, typed, X_Forwarded_For=f"10.9.{number >> 8}.{number & 255}").status
        ] += 1
    return answered


def ready(site: Site) -> dict:
    """What /readyz says."""
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)) as line:
        line.request("GET", "/readyz")
        return json.loads(line.getresponse().read())
