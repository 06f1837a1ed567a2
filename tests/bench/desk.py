"""How long the desk's pages take among a thousand requests and among a million, with the same 300 open.

`make bench`, or `make bench ROWS=100000` for fewer. Both databases are made anew in a cluster of their
own, and asked in turn, so that a busy machine is busy for both; the figure that counts is the ratio. The
filters fill a page in both: drawing a row costs more than finding it.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from firm_site import embedded_postgres

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 1_000, 1_000_000
ROUNDS = 15
MOST = 1.5  # times as long, at most (the desk's promise to itself)

LIST = "/admin/callbacks/callbackrequest/"
PAGES = {
    "the desk": "/admin/",
    "list of what is open": LIST,
    "its next page": f"{LIST}?p=2",
    "search: last six digits": f"{LIST}?q={{six}}&show=all",
    "search: last three digits": f"{LIST}?q={{three}}&show=all",
    "search: a name": f"{LIST}?q={{name}}&show=all",
    "search: two letters": f"{LIST}?q=zo&show=all",
    "search: an e-mail": f"{LIST}?q={{email}}&show=all",
    "search: a reference": f"{LIST}?q={{reference}}&show=all",
    "filter: waiting": f"{LIST}?status=waiting",
    "filter: all by outcome": f"{LIST}?show=all&outcome=no_breach",
    "filter: closed by channel": f"{LIST}?show=closed&channel=web",
    "filter: both": f"{LIST}?show=closed&channel=web&outcome=no_breach",
    "set apart": f"{LIST}?show=set-apart",
    "closed": f"{LIST}?show=closed",
    "closed, next page": f"{LIST}?show=closed&p=2",
    "closed, further back": f"{LIST}?show=closed&before={{half}}&p=2",
    "all": f"{LIST}?show=all",
    "all, next page": f"{LIST}?show=all&p=2",
    "all, further back": f"{LIST}?show=all&before={{half}}&p=2",
    "one request": f"{LIST}{{pk}}/change/",
}

# Asked by the lead over a pipe: the address of a page; answers with the milliseconds that it took.
ASKED = """
import logging, sys, time
import django
django.setup()
logging.disable(logging.INFO)
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
from django.contrib.auth.models import Group
from tests.client import Client
from callbacks.models import CallbackRequest
from firm_site.models import User
maya = User.objects.create_user("maya", is_staff=True)
maya.groups.set([Group.objects.get(name="managers")])
client = Client()
client.force_login(maya)
is_open = CallbackRequest.objects.filter(status="new").order_by("-pk").first()
is_closed = CallbackRequest.objects.filter(status="closed").exclude(email="").order_by("pk").first()
half = CallbackRequest.objects.order_by("pk").filter(pk__gt=is_open.pk // 2).first()
own = {"six": is_closed.phone[-6:], "three": is_closed.phone[-3:], "name": is_open.full_name,
       "email": is_closed.email, "reference": is_open.reference[:7], "pk": is_open.pk, "half": half.pk}
print("ready", flush=True)
for path in sys.stdin:
    began = time.perf_counter()
    response = client.get(path.strip().format(**own), follow=True)
    took = time.perf_counter() - began
    assert response.status_code == 200, (path, response.status_code)
    print(took * 1000, flush=True)
"""


class Among:
    """A site among so many requests, in a process of its own."""

    def __init__(self, url: str, many: int):
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "SECRET_KEY": "for-the-bench-only-and-long-enough-to-satisfy-every-check-of-django",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        self._run("migrate", "-v0")
        self._run("make_requests", str(many))
        self.process = subprocess.Popen(
            [sys.executable, "-c", ASKED],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def _run(self, *command: str) -> None:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, check=True)

    def ask(self, path: str) -> float:
        """Milliseconds for this page."""
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate(timeout=30)


def main(many: int) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it cleans up then, too
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)  # as root PostgreSQL runs as `nobody`, who must reach it
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # once the servers have been stopped
    sites = []
    try:
        settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        for rows in (FEW, many):
            url = embedded_postgres.url(folder / f"pg-{rows}", **settings)
            sites.append(Among(url, rows))
        print(f"\n{'':28}{FEW:>12,}{many:>14,}      ratio")
        for name, path in PAGES.items():
            for site in sites:
                site.ask(path)  # to warm up
            took = [[site.ask(path) for site in sites] for _ in range(ROUNDS)]
            small, large = (median(times) for times in zip(*took, strict=True))
            ratio = large / small
            late = "" if ratio <= MOST else f"  more than {MOST}"
            print(f"{name:28}{small:>9.1f} ms{large:>11.1f} ms{ratio:>11.2f}{late}", flush=True)
    finally:
        for site in sites:
            site.end()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)
