"""E-mails we owe: sent once, neutral outside, tried again for a day."""

from datetime import timedelta

import pytest
from django.core import mail

from callbacks import notices
from callbacks.models import Notification
from firm_site.models import FirmDetails
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

PRIVATE = ["Zoë", "982", "Thread lift", "It hurts", "Some Clinic"]


@pytest.fixture
def owed(asked, settings):
    settings.NOTIFY = ["desk@example.com"]
    return asked(email="zoe@example.com", message="It hurts", procedure="Thread lift", clinic="Some Clinic")


def test_what_is_owed_is_sent_once_and_marked(owed):
    assert notices.send_owed(now=MONDAY) == 2
    assert notices.send_owed(now=MONDAY) == 0
    assert [message.to for message in mail.outbox] == [["zoe@example.com"], ["desk@example.com"]]
    assert set(Notification.objects.values_list("sent_at", "try_again_at")) == {(MONDAY, None)}


def test_the_visitors_mail_is_neutral_outside_and_says_what_was_promised(owed):
    notices.send_owed(now=MONDAY)
    message = mail.outbox[0]
    assert message.subject == "Your call"
    assert message.from_email == "Callback desk <callback-desk@localhost>"
    assert "We will call you today, before 11:00." in message.body
    assert f"http://localhost:8000/callback/{owed.token}/" in message.body
    assert "Solicitors" not in message.subject + message.from_email + message.body[:100]
    assert [word for word in PRIVATE if word in message.subject + message.body] == []


def test_once_it_is_set_the_sra_number_stands_below(owed):
    FirmDetails.objects.create(pk=1, sra_number="000000", email="desk@example.org")
    notices.send_owed(now=MONDAY)
    assert (
        "authorised and regulated by the Solicitors Regulation Authority, SRA number 000000"
        in mail.outbox[0].body
    )
    assert mail.outbox[0].from_email == "Callback desk <desk@example.org>"


def test_the_desks_mail_holds_a_reference_a_time_and_a_link_and_nothing_of_the_person(owed):
    notices.send_owed(now=MONDAY)
    message = mail.outbox[1]
    assert owed.reference in message.subject
    assert "today, before 11:00" in message.body
    assert f"/admin/callbacks/callbackrequest/{owed.pk}/" in message.body
    assert [word for word in PRIVATE if word in message.subject + message.body] == []


def test_every_try_of_a_notice_has_the_same_message_id(owed):
    ids = [
        notices.message_for(notice, now=MONDAY).message()["Message-ID"]
        for notice in Notification.objects.order_by("pk")
        for _ in range(2)
    ]
    assert ids[0] == ids[1]
    assert ids[2] == ids[3]
    assert ids[0] != ids[2]


def test_a_mail_server_that_refuses_is_tried_again_for_a_day_then_the_notice_has_failed(asked, settings):
    settings.NOTIFY = []
    asked(email="zoe@example.com")
    settings.MAILERS = {  # nobody listens there
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 2},
        }
    }
    assert notices.send_owed(now=MONDAY) == 0
    notice = Notification.objects.get()
    assert (notice.tries, notice.try_again_at) == (1, MONDAY + timedelta(minutes=1))
    tries = 1
    while notice.try_again_at:
        assert notices.send_owed(now=notice.try_again_at) == 0
        notice.refresh_from_db()
        tries += 1
    assert notice.tries == tries == 29
    assert MONDAY + timedelta(hours=23) <= notice.failed_at <= MONDAY + timedelta(days=1)
    assert mail.outbox == []
