"""Workers side by side, and a notice that cannot be sent: none goes out twice, none keeps another back. (Mail
servers that fail, workers that are killed: test_mail_troubles.)"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from callbacks import notices
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.desk_mail import owe_desk_mail
from callbacks.models import CallbackRequest, Notification, NotificationKind
from tests.conftest import MONDAY
from tests.faults.mail_server import Mailbox
from tests.faults.running import PATIENCE, ROOT, free_port
from tests.faults.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import django; django.setup()
from django.utils import timezone
from callbacks import notices
print(notices.send_owed(now=timezone.now()))
"""


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    free = free_port()
    with mailbox.serving(free):
        yield free


@pytest.fixture
def sent_to(settings, port: int) -> None:
    """This process, too, sends to that server."""
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 10},
        }
    }


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


def worker(port: int) -> subprocess.Popen:
    """A process that sends what is owed, as the worker does each minute."""
    at = connection.settings_dict
    place = f"{at['USER']}:{at['PASSWORD']}@{quote(at['HOST'], safe='')}:{at['PORT'] or 5432}/{at['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
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


def test_three_workers_send_three_hundred_notices_once_each(mailbox, port):
    owe(300)
    workers = [worker(port) for _ in range(3)]
    sent = [int(each.communicate(timeout=PATIENCE)[0]) for each in workers]
    assert sum(sent) == 300
    assert all(count > 0 for count in sent), "one did it all: nothing was raced"
    assert (len(mailbox.taken), len(set(mailbox.taken))) == (300, 300)
    assert Notification.objects.filter(sent_at__isnull=False, try_again_at=None, tries=1).count() == 300


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
