"""What it costs to store a request, beside the least that it could cost; and hundreds of them at once.

`make bench`. One request after another is posted to gunicorn, each from an address and on a connection of its
own, as nginx does; in turn with that psycopg alone inserts such a row and commits. Then fifty ask at once, on
and on, and then hundreds at the same moment: all must be stored.
"""

import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import psycopg
from psycopg import sql

from tests.bench.speed import Gunicorn, make_site
from tests.faults.nginx import NAME

ROUNDS, IN_A_ROUND = 15, 20
AT_ONCE, POSTS = 50, 1_000
CROWDS = (200, 500)
TABLE = sql.Identifier("callbacks_callbackrequest")
HEAD = (
    f"POST /request-a-callback/ HTTP/1.1\r\nHost: {NAME}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
)
FORGET = "TRUNCATE callbacks_callbackrequest, callbacks_postcount CASCADE"


class Posts:
    """Posts the form as a browser does that came from the guide, each time as somebody else."""

    def __init__(self, port: int):
        self.port = port
        self.numbers = count(1)
        self.answers: Counter[int] = Counter()

    def ask(self, _: object = None) -> float:
        """Seconds until one more is answered."""
        number = next(self.numbers)
        typed = {
            "full_name": f"Person {number}",
            "phone": f"07700 {number:06}",
            "when": "asap",
            "say_who": "yes",
            "email": f"person{number}@example.com",
            "message": f"It has been sore for three weeks, and one thread can be felt. ({number})",
            "procedure": "Thread lift",
            "page": "/guides/botched-thread-lift/",
            "page_version": "1",
            "notice_version": "1",
            "website": "",
        }
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        body = urlencode(typed)
        asking = f"{HEAD}X-Forwarded-For: {address}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port), 120) as connection:
            connection.sendall(asking)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        took = time.perf_counter() - began
        self.answers[int(answer.split(maxsplit=2)[1])] += 1
        return took


class Rows:
    """Inserts rows as the last request's, and commits each: the least that storing one could cost."""

    def __init__(self, session: psycopg.Connection) -> None:
        self.session = session
        columns = session.execute(sql.SQL("SELECT * FROM {} ORDER BY id DESC LIMIT 1").format(TABLE))
        names = [column.name for column in columns.description or []]
        self.row = dict(zip(names, columns.fetchone() or [], strict=True))
        del self.row["id"]
        session.commit()
        self.insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            TABLE,
            sql.SQL(", ").join(map(sql.Identifier, self.row)),
            sql.SQL(", ").join(sql.Placeholder() * len(self.row)),
        )

    def store(self, number: int) -> float:
        """Seconds until one more is committed."""
        drawn = {"reference": 6, "token": 16, "fingerprint": 32}
        own = {name: secrets.token_hex(many) for name, many in drawn.items()}
        values = list((self.row | own | {"phone": f"+4477{number:08}"}).values())
        began = time.perf_counter()
        self.session.execute(self.insert, values)
        self.session.commit()
        return time.perf_counter() - began


def compare(posts: Posts, url: str) -> None:
    """Print what a request takes, and what its row alone takes."""
    ours, theirs = [], []
    for round in range(ROUNDS):
        ours.append(median(posts.ask() for _ in range(IN_A_ROUND)))
        with psycopg.connect(url) as session:
            rows = Rows(session)
            theirs.append(median(rows.store(round * IN_A_ROUND + each) for each in range(IN_A_ROUND)))
        forget(url)
    ratio = median(mine / least for mine, least in zip(ours, theirs, strict=True))
    mine, least = median(ours) * 1000, median(theirs) * 1000
    late = "" if ratio <= 8 else "   more than 8"
    heading = "a request; INSERT and COMMIT"
    print(f"{heading:34}{mine:>9.2f} ms{least:>11.2f} ms{ratio:>9.1f}{late}", flush=True)


def at_once(posts: Posts, url: str) -> None:
    """Print how long they wait when fifty ask at once, on and on."""
    with ThreadPoolExecutor(AT_ONCE) as people:
        took = sorted(people.map(posts.ask, range(POSTS)))
    half, last = took[len(took) // 2], took[len(took) * 99 // 100]
    late = "" if last <= 3 * half else "   more than 3"
    heading = f"{AT_ONCE} at once: 99th, 50th of 100"
    print(f"{heading:34}{last:>10.2f} s{half:>12.2f} s{last / half:>9.2f}{late}", flush=True)
    forget(url)


def crowd(posts: Posts, url: str, many: int) -> None:
    """Print what becomes of so many who ask at the same moment."""
    posts.answers.clear()
    with ThreadPoolExecutor(many) as people:
        longest = max(people.map(posts.ask, range(many)))
    with psycopg.connect(url) as session:
        (stored,) = session.execute("SELECT count(*) FROM callbacks_callbackrequest").fetchone() or (0,)
    said = ", ".join(f"{times} × {status}" for status, times in sorted(posts.answers.items()))
    heading = f"{many} at the same moment, the last"
    print(f"{heading:34}{longest:>10.2f} s   {stored} stored; answers: {said}", flush=True)
    assert (stored, posts.answers) == (many, {303: many})
    forget(url)


def forget(url: str) -> None:
    """Leave the next round as few open requests as this one."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SET session_replication_role = replica")
        session.execute(FORGET)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it cleans up then, too
    with ExitStack() as after:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
        folder.chmod(0o755)  # as root PostgreSQL runs as `nobody`, who must reach it
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = make_site(folder) | {"NOTIFY": "desk@example.com"}
        site = Gunicorn("firm_site.wsgi", environment)
        after.callback(site.end)
        site.first_answer()
        posts, url = Posts(site.port), environment["DATABASE_URL"]
        for _ in range(5 * IN_A_ROUND):  # every thread has its connection
            posts.ask()
        forget(url)
        print(f"\n{'':34}{'ours':>12}{'baseline':>14}    ratio")
        compare(posts, url)
        at_once(posts, url)
        for many in CROWDS:
            crowd(posts, url, many)


if __name__ == "__main__":
    main()
