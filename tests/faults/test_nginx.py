"""nginx of deploy/ in front of a real site: what it keeps, what it logs, what it refuses."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlencode

import psycopg
import pytest

from tests.faults.conftest import served
from tests.faults.nginx import (
    BEHIND_NGINX,
    NAME,
    Nginx,
    ask,
    is_html_of_nginx,
    is_ours,
    logged,
    wrong_with,
)
from tests.faults.postgres import Postgres
from tests.faults.running import Site, until
from tests.faults.visitors import GUIDE, PATH, TYPED

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
RETITLE = "UPDATE pages_historicalpage SET title = %s WHERE slug = 'botched-thread-lift'"
TOKEN = "q7Zk2mWv9xRt4YbN8sLd3A"

pytestmark = pytest.mark.usefixtures("programs_of_nginx")


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[Site]:
    yield from served(Site(data, "--no-worker", **BEHIND_NGINX))


@pytest.fixture
def nginx(site: Site) -> Iterator[Nginx]:
    """In front of the site that all share; it has kept nothing yet."""
    running = Nginx(site.port)
    yield running
    running.end()


@pytest.fixture
def nobody_there() -> Iterator[Nginx]:
    """In front of a port where nobody listens."""
    running = Nginx(1)
    yield running
    running.end()


# Every answer


def test_every_kind_of_answer_carries_the_headers_once(nginx: Nginx, site: Site):
    style = f"/static/{next(site.data.glob('static/site.*.css')).name}"
    etag = nginx.ask(GUIDE).headers["ETag"]
    answers = {
        "a page": (200, nginx.ask("/")),
        "a page that is kept": (200, nginx.ask(GUIDE)),
        "its head": (200, nginx.ask(GUIDE, "HEAD")),
        "a page they have": (304, nginx.ask(GUIDE, If_None_Match=etag)),
        "a file": (200, nginx.ask(style)),
        "a file that is kept": (200, nginx.ask(style)),
        "to the slash": (301, nginx.ask("/guides")),
        "staff pages, to the slash": (301, nginx.ask("/admin")),
        "no such page": (404, nginx.ask("/nowhere/")),
        "another method": (405, nginx.ask("/guides/", "POST")),
        "a body too large for the site": (
            413,
            nginx.ask("/request-a-callback/", "POST", body=b"x" * 1_010_000, **FORM),
        ),
        "a body too large": (413, nginx.ask("/privacy/", "POST", body=b"x" * 1_100_000, **FORM)),
        "an address too long": (414, nginx.ask(f"/{'x' * 5000}")),
        "a header too long": (400, nginx.ask("/", X_Long="x" * 5000)),
        "no http": (400, nginx.ask("/%zz")),
        "only if it is another": (412, nginx.ask(GUIDE, If_Match='"another"')),
        "an unknown coding": (501, nginx.ask("/request-a-callback/", "POST", Transfer_Encoding="morse")),
    }
    found = {name: (answer.status, wrong_with(answer)) for name, (_, answer) in answers.items()}
    assert found == {name: (status, []) for name, (status, _) in answers.items()}
    for name, (_, answer) in answers.items():
        names = [name.lower() for name in answer.headers]
        assert sorted(names) == sorted(set(names)), name
    own = [name for name, (_, answer) in answers.items() if is_html_of_nginx(answer)]
    refused = ["a body too large", "an address too long", "a header too long", "no http"]
    assert own == [*refused, "only if it is another", "an unknown coding"]
    assert [name for name in own if not is_ours(answers[name][1])] == []


def test_plain_http_is_led_to_https_by_the_site_and_balancers_are_answered(nginx: Nginx):
    answer = nginx.ask("/guides/?page=2", secure=False)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/guides/?page=2")
    assert wrong_with(answer) == ["Strict-Transport-Security: None"]
    answer = nginx.ask("/livez", secure=False, Host="10.0.0.1")
    assert (answer.status, answer.text) == (200, "alive\n")


# What is kept


def test_a_public_page_is_kept_for_a_second_or_two_and_then_asked_for_again(nginx: Nginx):
    assert ask(nginx, GUIDE)[1] == "MISS"
    until(lambda: ask(nginx, GUIDE)[1] == "HIT")
    time.sleep(2.1)  # seconds: nginx counts whole ones
    answer, cache = ask(nginx, GUIDE)
    assert cache == "EXPIRED"
    assert "X-Accel-Expires" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"


def test_whoever_has_a_cookie_or_a_query_is_led_past_and_leaves_nothing(nginx: Nginx):
    assert ask(nginx, "/complaints/", Cookie="a=b")[1] == "BYPASS"
    assert ask(nginx, "/complaints/?a=b")[1] == "BYPASS"
    assert ask(nginx, "/complaints/")[1] == "MISS"


def test_not_even_what_a_site_offers_is_kept_with_a_cookie_or_a_query_or_of_a_receipt():
    offered = b"HTTP/1.1 200 OK\r\nX-Accel-Expires: 60\r\nContent-Length: 2\r\n%s\r\nok"
    with listening() as (listener, port):
        nginx = Nginx(port)
        try:
            answers = [offered % cookie for cookie in [b"", b"", b"", b"", b"", b"Set-Cookie: a=b\r\n", b""]]
            threading.Thread(target=answer_in_turn, args=(listener, answers)).start()
            receipt = f"/callback/{TOKEN}/"
            said = [ask(nginx, "/", Cookie="a=b")[1], ask(nginx, "/?a=b")[1]]
            said += [ask(nginx, receipt)[1], ask(nginx, receipt)[1], ask(nginx, "/", "POST")[1]]
            said += [ask(nginx, "/")[1], ask(nginx, "/")[1], ask(nginx, "/")[1]]
        finally:
            nginx.end()
    assert said == ["BYPASS", "BYPASS", "", "", "", "MISS", "MISS", "HIT"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/search/", 200), ("/livez", 200), ("/nowhere/", 404), ("/guides", 301), ("/admin/login/", 200)],
)
def test_what_the_site_does_not_offer_is_never_kept(nginx: Nginx, path, status):
    for _ in range(2):
        answer, cache = ask(nginx, path)
        assert (answer.status, cache in {"MISS", ""}) == (status, True)


def test_each_gets_what_it_can_read_and_head_and_304_say_what_get_does(nginx: Nginx):
    accepted = {
        "gzip, deflate, br, zstd": "br",
        "br;q=1.0, gzip;q=0.8": "br",
        "gzip, br;q=0": "gzip",
        "gzip": "gzip",
        "brotli": None,
        "": None,
    }
    for said, encoding in accepted.items():
        until(lambda said=said: ask(nginx, GUIDE, Accept_Encoding=said)[1] == "HIT")
        page = nginx.ask(GUIDE, Accept_Encoding=said)
        assert (said, page.headers["Content-Encoding"]) == (said, encoding)
        assert page.headers["Vary"] == "Accept-Encoding"
        head = nginx.ask(GUIDE, "HEAD", Accept_Encoding=said)
        known = nginx.ask(GUIDE, Accept_Encoding=said, If_None_Match=page.headers["ETag"])
        assert (head.status, head.body, known.status, known.body) == (200, b"", 304, b"")
        for name in ("ETag", "Content-Length", "Content-Type", "Content-Encoding", "Cache-Control", "Vary"):
            assert head.headers[name] == page.headers[name]
        assert [known.headers["ETag"], known.headers["Vary"]] == [page.headers["ETag"], page.headers["Vary"]]
    kept = list((nginx.folder / "cache").glob("*/*/*"))
    assert len(kept) == 3


def test_a_change_shows_within_five_seconds(nginx: Nginx, site: Site):
    environment = Path(f"/proc/{site.process_of('gunicorn')}/environ").read_text()
    sockets = unquote(re.search(r"DATABASE_URL=\S+@(\S+?):", environment)[1])
    title = "Signs of a Botched Thread Lift Gone Wrong"
    with psycopg.connect(host=sockets, user="postgres", dbname="firm", autocommit=True) as database:
        for new in ("What a Thread Lift Leaves", "What a Thread Lift Left", title):
            until(lambda: ask(nginx, GUIDE)[1] == "HIT")
            database.execute(RETITLE, [new])
            changed = time.monotonic()
            until(lambda new=new: f"{new}</h1>" in nginx.ask(GUIDE).text)
            assert time.monotonic() - changed < 5


# What is logged


def test_no_token_no_query_no_address_and_no_name_is_logged_whatever_goes_wrong(nobody_there: Nginx):
    from_a_receipt = {"Referer": f"https://{NAME}/callback/{TOKEN}/"}
    paths = [
        f"/callback/{TOKEN}/",
        f"/callback/{TOKEN}/time/",
        f"/%63allback/{TOKEN}/",
        f"//callback//{TOKEN}",
        f"/CALLBACK/{TOKEN}/",
        f"/preview/{TOKEN}/",
        f"/search/?q={TOKEN}",
        f"/?token={TOKEN}#{TOKEN}",
    ]
    with silent_site() as port:
        refusing, hanging = nobody_there, Nginx(port)
        try:
            for path in paths:
                assert refusing.ask(path, **from_a_receipt).status == 502
            big = {"body": b"x" * 1_100_000, **from_a_receipt}
            assert refusing.ask(paths[0], "POST", **big).status == 413
            assert refusing.ask(f"{paths[0]}{'x' * 5000}", **from_a_receipt).status == 414
            assert refusing.ask(paths[0], X_Long=TOKEN * 500).status == 400
            assert refusing.ask(f"{paths[0]}%zz{TOKEN}").status == 400
            waiting = [threading.Thread(target=hanging.ask, args=(path,)) for path in paths]
            slow = hanging.connect()
            slow.sendall(f"POST {paths[0]} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 10\r\n\r\n".encode())
            gone = hanging.connect()
            gone.sendall(f"GET {paths[0]} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            gone.close()
            for thread in waiting:
                thread.start()
            for thread in waiting:
                thread.join()
            until(lambda: len(logged(hanging)) == len(paths) + 2)
            slow.close()
            statuses = sorted(line["status"] for line in logged(hanging))
            assert statuses == [408, 499] + [504] * len(paths)
            said = refusing.said() + hanging.said()
        finally:
            hanging.end()
    assert [line for line in said.splitlines() if not line.startswith('{"at":')] == []
    assert [word for word in (TOKEN, "127.0.0.1", NAME, "?", "q=") if word in said] == []
    assert {line["path"] for line in map(json.loads, said.splitlines())} == {
        "/callback/TOKEN/",
        "/preview/TOKEN/",
        "/search/",
        "/",
        "/own/refused.html",
    }


# What the site is told


def test_the_site_is_told_who_asks_and_how_and_nothing_that_a_client_made_up():
    told: list[str] = []
    nothing = b"HTTP/1.1 204 No Content\r\n\r\n"
    with listening() as (listener, port):
        nginx = Nginx(port)
        try:
            answer = threading.Thread(target=answer_in_turn, args=(listener, [nothing], told))
            answer.start()
            claims = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Proto": "http", "X_Request_ID": "made-up"}
            assert nginx.ask("/search/?q=a", Accept_Encoding="zstd, br", **claims).status == 204
            answer.join()
            until(lambda: logged(nginx))
            (line,) = logged(nginx)
        finally:
            nginx.end()
    request, *headers = told[0].strip().split("\r\n")
    assert request == "GET /search/?q=a HTTP/1.1"
    assert dict(header.split(": ", 1) for header in headers) == {
        "Host": NAME,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Request-ID": line["id"],
        "Accept-Encoding": "br",
        "Connection": "close",
    }


# Slow and greedy clients


def test_slow_clients_by_the_hundred_disturb_no_visitor_and_are_cut_off(nginx: Nginx, site: Site):
    head = f"POST /request-a-callback/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 900000\r\n"
    with ExitStack() as after:
        slow = []
        for number in range(400):
            client = nginx.connect(source=f"127.0.1.{number % 8}", secure=number % 9 == 0)
            after.callback(client.close)
            client.sendall(f"{head}\r\nfull_name=".encode() if number % 2 else head.encode())
            slow.append(client)
        began = time.monotonic()
        assert nginx.ask("/search/").status == 200
        people = [f"Amid the slow {number}" for number in range(3)]
        typed = [
            urlencode(TYPED | {"full_name": name, "phone": f"07700 90020{number}"}).encode()
            for number, name in enumerate(people)
        ]
        asked = [nginx.ask(PATH, "POST", body=body, **FORM).status for body in typed]
        assert time.monotonic() - began < 5
        until(lambda: len(logged(nginx)) >= 400)
        assert [is_cut_off(client) for client in slow] == [True] * 400
    stored = (
        "SELECT full_name FROM callbacks_callbackrequest WHERE full_name LIKE 'Amid the slow %' ORDER BY 1"
    )
    assert (asked, Postgres(site).do(stored)) == ([303] * 3, [(name,) for name in people])
    Postgres(site).forget_requests()


def test_too_many_at_once_from_one_address_are_refused_and_another_address_is_served(nginx: Nginx):
    head = f"POST /request-a-callback/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 10\r\n\r\n"
    with ExitStack() as after:
        for _ in range(100):
            client = nginx.connect(secure=False)
            after.callback(client.close)
            client.sendall(head.encode())
        until(lambda: nginx.ask("/livez").status == 429)
        answer = nginx.ask("/livez")
        assert (answer.status, is_ours(answer), wrong_with(answer)) == (429, True, [])
        with nginx.connect(source="127.0.0.2") as other:
            other.sendall(f"GET /livez HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            assert other.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


def test_staff_may_send_photographs_and_no_more_than_that(nginx: Nginx, nobody_there: Nginx):
    def sent(size: int, to: Nginx = nginx) -> tuple[int, bool]:
        answer = to.ask("/admin/login/", "POST", body=b"x" * size, Content_Type="image/jpeg")
        return answer.status, is_html_of_nginx(answer)

    assert sent(11_900_000) == (403, False)
    assert sent(11_900_000, to=nobody_there) == (502, True)
    assert sent(12_700_000) == (413, True)


def is_cut_off(client: socket.socket) -> bool:
    """Whether nginx has ended the connection without a word, or is about to."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener, listener.getsockname()[1]


def answer_in_turn(listener: socket.socket, answers: list[bytes], told: list[str] | None = None) -> None:
    """Give each of the next requests its answer; note down what they say."""
    for answer in answers:
        connection, _ = listener.accept()
        with connection:
            got = ""
            while "\r\n\r\n" not in got:
                got += connection.recv(65536).decode()
            if told is not None:
                told.append(got)
            connection.sendall(answer)


@contextmanager
def silent_site() -> Iterator[int]:
    """A port where whoever comes is let in and never answered."""
    with listening() as (_, port):
        yield port
