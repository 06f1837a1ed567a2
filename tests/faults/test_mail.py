"""Workers and mail servers that fail: every e-mail goes out, and none more often than it must."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from callbacks import notices
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.desk_mail import owe_desk_mail
from callbacks.models import CallbackRequest, Notification, NotificationKind
from callbacks.tasks import send_owed_notices
from tests.conftest import MONDAY
from tests.faults.running import PATIENCE, ROOT, until
from tests.faults.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import django; django.setup()
from django.utils import timezone
from callbacks import notices
print(notices.send_owed(now=timezone.now()))
"""

BACKGROUND = ("manage.py", "procrastinate", "worker")


class Mailbox:
    """What a mail server took; `answer` is what it says once it has the whole of a message."""

    def __init__(self) -> None:
        self.taken: list[str] = []  # the Message-ID of each
        self.answer = "250 taken"
        self.to_rcpt = "250 yes"
        self.kills: int | None = None

    async def handle_RCPT(self, server, session, envelope: Envelope, address: str, options) -> str:
        if self.to_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_rcpt

    async def handle_DATA(self, server, session, envelope: Envelope) -> str:
        self.taken.append(message_from_bytes(envelope.content)["Message-ID"])
        if self.kills:
            os.kill(self.kills, signal.SIGKILL)  # it dies with the message delivered and not yet marked
        if self.answer == "nothing":
            session.loop.call_soon(server.transport.abort)
        return self.answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=free)
    server.start()
    yield free
    server.stop()


@pytest.fixture
def sent_to(settings, port: int) -> None:
    """This process, too, sends to that server."""
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 10},
        }
    }


@pytest.fixture
def no_jobs() -> Iterator[None]:
    """None before, none after: they are in no table that is emptied after a test."""

    def forget() -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers CASCADE")

    forget()
    yield
    forget()


def owe(many: int) -> CallbackRequest:
    now = timezone.now()
    answers = Answers(
        full_name="Zoë Example", phone="+447700900982", phone_typed="07700 900982", email="z@example.com"
    )
    request = submit(answers=answers, shown=Shown(), by=None, now=now)
    Notification.objects.all().delete()
    Notification.objects.bulk_create(
        Notification(request=request, kind=NotificationKind.RECEIPT, created_at=now, try_again_at=now)
        for _ in range(many)
    )
    return request


def worker(port: int, does: tuple[str, ...] = ("-c", WORKER)) -> subprocess.Popen:
    """A process that sends what is owed, as the worker does each minute; or the worker itself."""
    at = connection.settings_dict
    place = f"{at['USER']}:{at['PASSWORD']}@{quote(at['HOST'], safe='')}:{at['PORT'] or 5432}/{at['NAME']}"
    return subprocess.Popen(
        [sys.executable, *does],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "firm_site.settings",
            "DATABASE_URL": f"postgresql://{place}",
            "EMAIL_URL": f"smtp://127.0.0.1:{port}?tls=no",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def test_three_workers_send_five_hundred_notices_once_each(mailbox, port):
    owe(500)
    workers = [worker(port) for _ in range(3)]
    sent = [int(each.communicate(timeout=PATIENCE)[0]) for each in workers]
    assert sum(sent) == 500
    assert all(count > 0 for count in sent), "one did it all: nothing was raced"
    assert (len(mailbox.taken), len(set(mailbox.taken))) == (500, 500)
    assert Notification.objects.filter(sent_at__isnull=False, try_again_at=None, tries=1).count() == 500


def test_workers_that_gather_at_once_make_one_e_mail_and_one_warning(settings):
    settings.NOTIFY = ["desk@example.com"]
    for number in range(6):
        phone = f"+4477009001{number:02}"
        answers = Answers(full_name=f"Person {number}", phone=phone, phone_typed=phone)
        submit(answers=answers, shown=Shown(), by=None, now=MONDAY)
    nearly_due = MONDAY + timedelta(minutes=50)
    at_once(lambda number: owe_desk_mail(now=nearly_due))
    kinds = Counter(Notification.objects.values_list("kind", flat=True))
    assert kinds == {"arrival": 6, "arrivals": 1, "unclaimed": 1}
    assert Notification.objects.filter(gathered_in__kind="arrivals").count() == 6


def test_a_worker_killed_before_it_could_mark_sends_once_more_under_the_same_message_id(mailbox, port):
    owe(1)
    dying = worker(port)
    mailbox.kills = dying.pid
    dying.communicate(timeout=PATIENCE)
    assert dying.returncode == -signal.SIGKILL
    assert len(mailbox.taken) == 1
    mailbox.kills = None

    notice = Notification.objects.get()
    assert notice.sent_at is None
    next_one = worker(port)  # nobody is handed it while the lease lasts
    assert next_one.communicate(timeout=PATIENCE)[0] == "0\n"
    Notification.objects.update(try_again_at=notice.try_again_at - notices.LEASE)  # five minutes later
    last = worker(port)
    assert last.communicate(timeout=PATIENCE)[0] == "1\n"
    assert worker(port).communicate(timeout=PATIENCE)[0] == "0\n"
    assert (len(mailbox.taken), len(set(mailbox.taken))) == (2, 1)
    assert Notification.objects.get().sent_at is not None


@pytest.mark.parametrize(
    ("to_rcpt", "answer"),
    [
        ("421 going down", "250 taken"),
        ("450 try later", "250 taken"),
        ("250 yes", "421 going down"),
        ("250 yes", "451 not now"),
        ("250 yes", "552 too much"),
        ("250 yes", "nothing"),  # the line drops after the message
    ],
)
def test_a_server_that_fails_gets_the_same_message_again_after_a_pause(mailbox, sent_to, to_rcpt, answer):
    owe(1)
    now = Notification.objects.get().try_again_at
    mailbox.to_rcpt, mailbox.answer = to_rcpt, answer
    assert notices.send_owed(now=now) == 0
    notice = Notification.objects.get()
    assert (notice.sent_at, notice.failed_at) == (None, None)
    assert notice.try_again_at == now + notices.FIRST_PAUSE
    mailbox.to_rcpt, mailbox.answer = "250 yes", "250 taken"
    assert notices.send_owed(now=notice.try_again_at) == 1
    assert len(set(mailbox.taken)) == 1
    assert Counter(Notification.objects.values_list("failed_at", flat=True)) == {None: 1}


def test_a_mailbox_that_does_not_exist_has_failed_at_once_and_is_work_for_the_desk(mailbox, sent_to):
    request = owe(1)
    now = Notification.objects.get().try_again_at
    mailbox.to_rcpt = "550 no such mailbox"
    assert notices.send_owed(now=now) == 0
    assert Notification.objects.get().failed_at == now
    assert [each.request for each in Notification.objects.to_tell_by_telephone()] == [request]


def test_one_that_fails_keeps_no_other_back(mailbox, sent_to):
    owe(2)
    first = Notification.objects.order_by("pk").first()
    now = first.try_again_at
    mailbox.to_rcpt = "450 try later"
    assert notices._send(notices._lease_next(now), now) is False
    mailbox.to_rcpt = "250 yes"
    assert notices.send_owed(now=now) == 1
    first.refresh_from_db()
    assert (first.sent_at, first.try_again_at) == (None, now + timedelta(minutes=1))


def test_a_server_that_is_not_there_is_tried_again_after_a_pause(sent_to, settings):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        options = settings.MAILERS["default"]["OPTIONS"] | {"port": gone.getsockname()[1]}
    settings.MAILERS = {"default": settings.MAILERS["default"] | {"OPTIONS": options}}
    owe(1)
    now = Notification.objects.get().try_again_at
    assert notices.send_owed(now=now) == 0
    notice = Notification.objects.get()
    assert (notice.try_again_at, notice.failed_at) == (now + notices.FIRST_PAUSE, None)


def test_a_job_that_died_with_its_worker_keeps_no_later_one_back(mailbox, port, no_jobs):
    """The worker itself is killed while it sends: the next one takes up what is owed."""
    owe(1)
    send_owed_notices.defer(timestamp=0)
    dying = worker(port, BACKGROUND)
    mailbox.kills = dying.pid
    dying.communicate(timeout=PATIENCE)
    mailbox.kills = None
    assert (dying.returncode, len(mailbox.taken)) == (-signal.SIGKILL, 1)
    assert ProcrastinateJob.objects.filter(task_name=send_owed_notices.name, status="doing").count() == 1

    lost = Notification.objects.get()
    Notification.objects.update(try_again_at=lost.try_again_at - notices.LEASE)  # five minutes later
    with suppress(AlreadyEnqueued):  # by the worker itself, if a minute was over before it died
        send_owed_notices.defer(timestamp=60)
    next_one = worker(port, BACKGROUND)
    until(lambda: Notification.objects.filter(sent_at__isnull=False).count() == 1)
    next_one.terminate()
    next_one.communicate(timeout=PATIENCE)
    assert (len(mailbox.taken), len(set(mailbox.taken))) == (2, 1)


def test_a_server_that_never_answers_is_given_up_after_its_timeout(sent_to, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = settings.MAILERS["default"]["OPTIONS"] | {"port": silent.getsockname()[1], "timeout": 1}
        settings.MAILERS = {"default": settings.MAILERS["default"] | {"OPTIONS": options}}
        owe(1)
        now = Notification.objects.get().try_again_at
        assert notices.send_owed(now=now) == 0
    assert Notification.objects.get().try_again_at == now + notices.FIRST_PAUSE
