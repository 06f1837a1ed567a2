"""People with an e-mail address ask to be called while the mail server fails, or the worker is killed: each
is there once, and hears from us once when all is well again; or is one of those whom the desk has to tell."""

import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.conftest import served
from tests.faults.mail_server import Mailbox
from tests.faults.postgres import Postgres
from tests.faults.running import ROOT, Site, free_port, until
from tests.faults.visitors import PATH, ask

# A job, as the worker makes one itself each minute.
WAKE = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
    "VALUES ('default', 'callbacks.tasks.send_owed_notices', '{\"timestamp\": 0}')"
)
LATER = "UPDATE callbacks_notification SET try_again_at = now() WHERE try_again_at IS NOT NULL"
OWED = "SELECT id FROM callbacks_notification WHERE try_again_at IS NOT NULL AND kind = 'receipt'"
# Tried, and not in the middle of it: whoever tries has it for five minutes, and puts it off for one.
FAILED = f"{OWED} AND tries > 0 AND try_again_at < now() + interval '2 minutes'"
GIVEN_UP = "SELECT id FROM callbacks_notification WHERE failed_at IS NOT NULL AND kind = 'receipt'"
STORED = "SELECT full_name FROM callbacks_callbackrequest ORDER BY full_name"
TO_TELL = """
from callbacks.models import Notification
for notice in Notification.objects.to_tell_by_telephone():
    print(notice.request.full_name)
"""


class Trouble(NamedTuple):
    """How the mail server fails, how many ask meanwhile, and how often each one's message comes in all."""

    begin: Callable[[Site, Mailbox, int], AbstractContextManager]
    comes: list[int]


def refused(site: Site, mailbox: Mailbox, port: int) -> AbstractContextManager:
    return nullcontext()  # nobody listens


def silent(site: Site, mailbox: Mailbox, port: int) -> AbstractContextManager:
    return socket.create_server(("127.0.0.1", port))


def saying(to_rcpt: str, answer: str = "250 taken") -> Callable[..., AbstractContextManager]:
    @contextmanager
    def trouble(site: Site, mailbox: Mailbox, port: int) -> Iterator[None]:
        mailbox.to_rcpt, mailbox.answer = to_rcpt, answer
        with mailbox.serving(port):
            yield
        mailbox.to_rcpt, mailbox.answer = "250 yes", "250 taken"

    return trouble


@contextmanager
def killing_the_worker(site: Site, mailbox: Mailbox, port: int) -> Iterator[None]:
    """Not the server fails, but the worker dies while it sends; another is there before the end."""
    until(lambda: site.process_of("procrastinate worker"))
    first = mailbox.kills = site.process_of("procrastinate worker")
    with mailbox.serving(port):
        yield
        until(lambda: site.process_of("procrastinate worker") not in {None, first})


TROUBLES = {
    "refuses": Trouble(refused, [1, 1, 1]),
    "is silent": Trouble(silent, [1]),  # ten seconds for each
    "says 421": Trouble(saying("421 going down"), [1, 1, 1]),
    "says 550": Trouble(saying("550 no such mailbox"), []),
    "drops the line after the message": Trouble(saying("250 yes", "nothing"), [2, 2, 2]),
    "takes it from a worker that is killed": Trouble(killing_the_worker, [1, 1, 2]),
}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def site(data: Path, port: int) -> Iterator[Site]:
    at = {"TRUSTED_PROXIES": "127.0.0.1", "EMAIL_URL": f"smtp://127.0.0.1:{port}?tls=no"}
    yield from served(Site(data, **at))


@pytest.fixture
def postgres(site: Site) -> Iterator[Postgres]:
    server = Postgres(site)
    server.forget_requests()  # of trials before this one, and what was on its way when they ended
    yield server
    server.forget_requests()


def asking(site: Site, number: int) -> tuple[str, str]:
    """Name and e-mail address of one more who asked, and was told that we have it."""
    name, email = f"Person {number}", f"person-{number}@example.com"
    typed = {"full_name": name, "phone": f"07700 90010{number}", "email": email, "when": "asap"}
    assert ask(site, "POST", PATH, typed, X_Forwarded_For=f"10.0.0.{number}").status == 303
    return name, email


def to_tell_by_telephone(site: Site) -> list[str]:
    shell = [sys.executable, "manage.py", "shell", "-v", "0", "-c", TO_TELL]
    said = subprocess.run(shell, cwd=ROOT, env=site.environment, capture_output=True, text=True, check=True)
    return sorted(said.stdout.split("\n")[:-1])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_while_the_mail_server(trouble: str, site: Site, postgres: Postgres, port: int):
    begin, comes = TROUBLES[trouble]
    for_good = not comes
    mailbox = Mailbox()
    with begin(site, mailbox, port):
        people = [asking(site, number) for number in range(len(comes) or 3)]
        postgres.do(WAKE)
        if begin is killing_the_worker:
            until(lambda: mailbox.taken)
        else:
            until(lambda: len(postgres.do(GIVEN_UP if for_good else FAILED)) == len(people))
    with mailbox.serving(port):
        postgres.do(LATER, WAKE)
        until(lambda: not postgres.do(OWED))

    names, addresses = ([each[part] for each in people] for part in (0, 1))
    assert postgres.do(STORED) == [(name,) for name in names]
    copies = Counter(mailbox.taken)
    assert sorted(address for address, _ in copies) == ([] if for_good else addresses)
    assert len({message_id for _, message_id in copies}) == len(copies)
    assert sorted(copies.values()) == comes
    assert to_tell_by_telephone(site) == (names if for_good else [])
