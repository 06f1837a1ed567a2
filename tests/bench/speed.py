"""How fast the guide is answered, by gunicorn and through nginx, each beside the least that it could cost.

`make bench`. What is compared is asked in turn, in rounds, so that a busy machine is busy for both; figures
are medians of the rounds, and what counts is their ratio. Baselines: a WSGI function with the page's bytes
ready, under the same gunicorn; the page as a file, by the same nginx with the same TLS, headers and log.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from firm_site import embedded_postgres
from tests.bench.load import PROCESSES, Asked, rate
from tests.faults.nginx import NAME, Nginx, free_port
from tests.faults.running import ROOT

GUIDE = "/guides/botched-thread-lift/"
ROUNDS = 9
SECONDS = 1.5  # of each round, for each of the two
STARTS = 5
FEW, MANY = 1_000, 20_000  # requests, for the memory

ASKING = f"GET {GUIDE} HTTP/1.1\r\nHost: {NAME}\r\nAccept-Encoding: gzip, deflate, br\r\n"
BEHIND_NGINX = f"{ASKING}X-Forwarded-Proto: https\r\n\r\n".encode()
FROM_OUTSIDE = f"{ASKING}\r\n".encode()

# Nine of ten are for everybody, as visitors are; the rest Django has to make.
VISITED = [
    GUIDE,
    "/",
    "/guides/",
    GUIDE,
    "/people/michael-saul/",
    GUIDE,
    "/what-happens/",
    "/privacy/",
    GUIDE,
]
MADE = ["/search/?q=thread", "/nowhere/", "/request-a-callback/", "/admin/login/"]

AS_A_FILE = """
  server {{
    listen 127.0.0.1:{port} ssl http2;
    root {root};
    etag off;
    add_header Last-Modified "";
    {headers}
    location / {{ try_files /body =404; }}
  }}
}}
"""


class Gunicorn:
    """An application under deploy/gunicorn.conf.py, with so many workers of four threads."""

    def __init__(self, application: str, environment: dict[str, str], workers: int = 2):
        self.port = free_port()
        self.began = time.perf_counter()
        settings = ["--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{self.port}"]
        settings += ["--workers", str(workers)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *settings, application],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,  # its log
        )

    def first_answer(self) -> float:
        """Seconds from its start to its first answer."""
        while not self._answers():
            assert self.process.poll() is None, "gunicorn ended"
            time.sleep(0.005)
        return time.perf_counter() - self.began

    def _answers(self) -> bool:
        try:
            return bool(Asked(self.port, BEHIND_NGINX).answer())
        except ConnectionError:
            return False

    def memory(self) -> int:
        """Kilobytes that its one worker holds."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        (worker,) = children.split()
        status = Path(f"/proc/{worker}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


def make_site(folder: Path) -> dict[str, str]:
    """A database with the first content, and static files; the environment of whoever serves it."""
    environment = os.environ | {
        "DATABASE_URL": embedded_postgres.url(folder / "pg"),
        "SECRET_KEY": "for-the-bench-only-and-long-enough-to-satisfy-every-check-of-django",
        "DATA": str(folder),
        "SITE_URL": f"https://{NAME}",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    for command in (
        ["migrate", "-v0"],
        ["load_first_content", "-v0"],
        ["collectstatic", "--no-input", "-v0"],
    ):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    return environment


def keep_page(folder: Path, answer: bytes) -> list[tuple[str, str]]:
    """Write the body and the headers of an answer where baselines find them; the headers that are its own."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line.partition(": ")[::2] for line in head.decode().split("\r\n")[1:]]
    of_the_server = {"server", "date", "connection"}
    headers = [(name, value) for name, value in lines if name.lower() not in of_the_server]
    (folder / "body").write_bytes(body)
    (folder / "headers.json").write_text(json.dumps(headers))
    return headers


class File(Nginx):
    """nginx as deploy/ has it, but with the page as a file instead of the site."""

    def __init__(self, page: Path, headers: list[tuple[str, str]]):
        self.page, self.own = page, [each for each in headers if each[0].lower() != "content-length"]
        super().__init__(1)

    def write_configuration(self, folder: Path, *web: int) -> None:
        super().write_configuration(folder, *web)
        file = folder / "nginx.conf"
        common = file.read_text().partition("  server {")[0]
        kept = [line for line in common.splitlines() if not line.startswith("  add_header")]
        own = " ".join(f"add_header {name} {json.dumps(value)};" for name, value in self.own)
        file.write_text("\n".join(kept) + AS_A_FILE.format(port=self.tls, root=self.page, headers=own))


def compare(name: str, wanted: float, ours: Asked, baseline: Asked, pool: ProcessPoolExecutor) -> None:
    """Print what both answer in a second, and their ratio."""
    for each in (ours, baseline):
        rate(each, SECONDS, pool)  # to warm up
    rounds = [[rate(each, SECONDS, pool) for each in (ours, baseline)] for _ in range(ROUNDS)]
    mine, least = (median(each.answers for each in rates) for rates in zip(*rounds, strict=True))
    ratio = median(one.answers / other.answers for one, other in rounds)
    cost = median(one.cost * one.answers for one, _ in rounds)
    late = "" if ratio >= wanted else f"  less than {wanted}"
    print(f"{name:34}{mine:>10,.0f}/s{least:>12,.0f}/s{ratio:>9.2f}{late}", flush=True)
    print(f"{'  of a processor, to ask':34}{cost:>12.2f}", flush=True)


def compare_memory(environment: dict[str, str]) -> None:
    """Print what a worker holds after few and after many requests."""
    served = Gunicorn("firm_site.wsgi", environment, workers=1)
    try:
        served.first_answer()
        ask_many(served.port, FEW)
        few = served.memory()
        ask_many(served.port, MANY - FEW)
        many = served.memory()
    finally:
        served.end()
    late = "" if many / few <= 1.1 else "  more than 1.1"
    heading = f"memory after {MANY:,} and {FEW:,}"
    print(f"{heading:34}{many / 1024:>9.1f} MB{few / 1024:>11.1f} MB{many / few:>9.2f}{late}", flush=True)


def ask_many(port: int, many: int) -> None:
    """Ask for so many pages, four at a time, each by its own connection."""

    def ask(number: int) -> None:
        path = MADE[number // 10 % len(MADE)] if number % 10 == 9 else VISITED[number % 10]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers={"Host": NAME, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        assert answer.status == (404 if path == "/nowhere/" else 200), (path, answer.status)
        answer.read()
        connection.close()

    with ThreadPoolExecutor(4) as clients:
        for _ in clients.map(ask, range(many)):
            pass


def compare_starts(starts: list[Callable[[], Gunicorn]]) -> None:
    """Print how long it takes from the start to the first answer."""
    took: list[list[float]] = []
    for _ in range(STARTS):
        took.append([])
        for start in starts:
            served = start()
            try:
                took[-1].append(served.first_answer())
            finally:
                served.end()
    mine, least = (median(times) for times in zip(*took, strict=True))
    print(f"{'from start to first answer':34}{mine:>10.2f} s{least:>12.2f} s", flush=True)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it cleans up then, too
    with ExitStack() as after:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
        folder.chmod(0o755)  # as root PostgreSQL and nginx run as `nobody`, who must reach it
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = make_site(folder)
        page = folder / "page"
        page.mkdir()
        bare = environment | {"BARE": str(page)}

        site = Gunicorn("firm_site.wsgi", environment)
        after.callback(site.end)
        site.first_answer()
        headers = keep_page(page, Asked(site.port, BEHIND_NGINX).answer())
        function = Gunicorn("tests.bench.bare", bare)
        after.callback(function.end)
        function.first_answer()
        pool = after.enter_context(ProcessPoolExecutor(PROCESSES))

        print(f"\n{'':34}{'ours':>12}{'baseline':>14}    ratio")
        asked = [Asked(each.port, BEHIND_NGINX) for each in (site, function)]
        compare("guide, gunicorn 2 x 4", 0.85, *asked, pool)
        nginx = Nginx(site.port)
        after.callback(nginx.end)
        file = File(page, [each for each in headers if each[0] != "X-Accel-Expires"])
        after.callback(file.end)
        asked = [Asked(each.tls, FROM_OUTSIDE, 10, NAME, each.certificate) for each in (nginx, file)]
        compare("guide, nginx", 0.8, *asked, pool)
        compare_memory(environment)
        compare_starts(
            [lambda: Gunicorn("firm_site.wsgi", environment), lambda: Gunicorn("tests.bench.bare", bare)]
        )


if __name__ == "__main__":
    main()
