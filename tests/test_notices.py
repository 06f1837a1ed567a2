"""E-mails we owe: neutral outside, tried again for a day, and never one too many."""

import smtplib
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.utils.html import strip_tags

from callbacks import notices
from callbacks.actions import desk
from callbacks.actions.owing import owe
from callbacks.actions.undoing import UNDO_LASTS
from callbacks.letters import letter_for
from callbacks.models import CallbackRequest, Notification, NotificationKind
from callbacks.states import Outcome
from firm_site.models import FirmDetails
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

PRIVATE = ["Zoë", "982", "Thread lift", "It hurts", "Some Clinic", "a woman to speak to"]
TO_VISITORS = ["receipt", "changed", "cancelled", "unreached"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def request_(asked, settings) -> CallbackRequest:
    settings.NOTIFY = []
    return asked(
        email="zoe@example.com",
        message="It hurts",
        procedure="Thread lift",
        clinic="Some Clinic",
        call_needs="a woman to speak to",
    )


@pytest.fixture
def owed(request_) -> Notification:
    return request_.notices.get()


def after_three_tries(request, anna) -> CallbackRequest:
    for attempt in range(desk.LAST_ATTEMPT):
        now = MONDAY + timedelta(days=attempt)
        desk.claim(pk=request.pk, by=anna, now=now)
        desk.call(pk=request.pk, by=anna, now=now)
        desk.no_answer(pk=request.pk, by=anna, now=now)
    return CallbackRequest.objects.get(pk=request.pk)


def letter_of_kind(kind: str, request, anna, now):
    """The e-mail of each kind, with the request as it stands when we owe it."""
    Notification.objects.all().delete()
    if kind == "unreached":
        request = after_three_tries(request, anna)
    if kind == "cancelled":
        desk.close(pk=request.pk, by=anna, now=now, outcome=Outcome.WITHDRAWN)
        request.refresh_from_db()
    if kind in {"not_viable", "declined"}:
        outcome = {"not_viable": Outcome.NO_BREACH, "declined": Outcome.CLIENT_DECLINED}[kind]
        desk.close(pk=request.pk, by=anna, now=now, outcome=outcome)
        request.refresh_from_db()
    Notification.objects.all().delete()
    owe(request, NotificationKind(kind), now=now)
    return letter_for(Notification.objects.get(), now=now + timedelta(days=3 if kind == "unreached" else 0))


def visible_text(html: str) -> str:
    """What a mail program shows of the HTML beside the subject, without white space."""
    return " ".join(unescape(strip_tags(html[html.index("<body") :])).split())


def test_what_is_owed_is_sent_once_and_marked(owed):
    assert notices.send_owed(now=MONDAY) == 1
    assert notices.send_owed(now=MONDAY + timedelta(hours=1)) == 0
    assert [message.to for message in mail.outbox] == [["zoe@example.com"]]
    assert list(Notification.objects.values_list("sent_at", "try_again_at", "failed_at")) == [
        (MONDAY, None, None)
    ]


@pytest.mark.parametrize("kind", TO_VISITORS)
def test_a_visitors_mail_is_neutral_outside_in_text_and_in_html(kind, request_, anna):
    FirmDetails.objects.create(pk=1, sra_number="000000")
    message = letter_of_kind(kind, request_, anna, MONDAY)
    (html, mimetype), *others = message.alternatives
    assert (mimetype, others) == ("text/html", [])
    assert message.subject == "Your call"
    assert message.from_email == "Callback desk <callback-desk@localhost>"
    seen = visible_text(html)
    for text in (message.subject, message.from_email, message.body[:100], seen[:100]):
        assert not any(word in text for word in ["Solicitor", "Cosmetic", "lift", *PRIVATE]), text
    assert [word for word in PRIVATE if word in message.body + html] == []


@pytest.mark.parametrize("kind", TO_VISITORS)
def test_text_and_html_say_the_same(kind, request_, anna):
    FirmDetails.objects.create(pk=1, sra_number="000000")
    message = letter_of_kind(kind, request_, anna, MONDAY)
    assert " ".join(message.body.split()) == visible_text(message.alternatives[0][0])


def test_the_receipt_says_what_was_promised_and_leads_to_the_visitors_own_page(owed, request_):
    message = letter_for(owed, now=MONDAY)
    assert "We will call you on Monday 23 November, before 11:00." in message.body
    assert f"Your reference is {request_.reference}." in message.body
    assert f"http://localhost:8000/callback/{request_.token}/" in message.body
    assert "0808 189 7703" in message.body


def test_another_agreed_time_is_told(request_, anna):
    desk.agree_another_time(pk=request_.pk, by=anna, now=MONDAY, at=MONDAY + timedelta(days=1))
    notices.send_owed(now=MONDAY + UNDO_LASTS)
    changed = mail.outbox[-1]
    assert changed.body.startswith("The time of your telephone call is another one now.")
    assert "We will call you on Tuesday 24 November, between 10:00 and 10:30." in changed.body


def test_after_the_third_try_one_mail_leads_to_choosing_a_time(request_, anna):
    Notification.objects.all().delete()
    after_three_tries(request_, anna)
    assert list(Notification.objects.values_list("kind", flat=True)) == ["unreached"]
    notices.send_owed(now=MONDAY + timedelta(days=2) + UNDO_LASTS)
    assert "could not" in mail.outbox[0].body
    assert f"To choose another time:\nhttp://localhost:8000/callback/{request_.token}/" in mail.outbox[0].body


def test_a_second_request_of_a_person_is_told_once(asked, anna):
    asked()
    second = asked(at=MONDAY + MINUTE, email="zoe@example.com")
    Notification.objects.all().delete()
    desk.agree_another_time(pk=second.pk, by=anna, now=MONDAY + MINUTE, at=MONDAY + timedelta(days=1))
    assert list(Notification.objects.values_list("kind", "request")) == [("changed", second.pk)]


def test_once_it_is_set_the_sra_number_stands_below(owed):
    FirmDetails.objects.create(pk=1, sra_number="000000", email="desk@example.org", sender_name="Desk, calls")
    message = letter_for(owed, now=MONDAY)
    line = "authorised and regulated by the Solicitors Regulation Authority, SRA number 000000"
    assert line in message.body
    assert line in message.alternatives[0][0]
    assert message.from_email == '"Desk, calls" <desk@example.org>'


@pytest.mark.parametrize("kind", [*TO_VISITORS, "not_viable", "declined"])
def test_every_mail_to_a_visitor_names_the_regulator_below_what_a_locked_phone_shows(
    kind, request_, anna, settings
):
    settings.SITE_URL = "https://cosmetic-surgery-solicitors.example"
    before = letter_of_kind(kind, request_, anna, MONDAY)
    assert "Solicitors Regulation Authority" not in before.body + before.alternatives[0][0]
    FirmDetails.objects.create(pk=1, sra_number="123456")
    message = letter_for(Notification.objects.get(), now=MONDAY + timedelta(days=3))
    line = "is authorised and regulated by the Solicitors Regulation Authority, SRA number 123456."
    for seen in (" ".join(message.body.split()), visible_text(message.alternatives[0][0])):
        assert seen.endswith(f"{FirmDetails.name} {line}")
        assert not any(word in seen[:100].lower() for word in ["solicitor", "cosmetic", "surgery", "sra"])


def test_every_try_of_a_notice_has_the_same_message_id_and_no_two_notices_have(request_):
    owe(request_, NotificationKind.CHANGED, now=MONDAY)
    ids = [
        letter_for(notice, now=MONDAY + number * MINUTE).message()["Message-ID"]
        for notice in Notification.objects.order_by("pk")
        for number in range(2)
    ]
    assert ids[0] == ids[1]
    assert ids[2] == ids[3]
    assert ids[0] != ids[2]


def test_what_has_become_pointless_is_not_sent_and_owed_no_more(request_, anna):
    owe(request_, NotificationKind.CHANGED, now=MONDAY)
    desk.close(pk=request_.pk, by=anna, now=MONDAY, outcome=Outcome.INSTRUCTED_ELSEWHERE)
    assert notices.send_owed(now=MONDAY) == 0
    assert (mail.outbox, Notification.objects.count()) == ([], 0)


def nobody_listens(settings) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 2},
        }
    }


def test_a_mail_server_that_refuses_is_tried_again_for_a_day_then_the_notice_has_failed(owed, settings):
    nobody_listens(settings)
    assert notices.send_owed(now=MONDAY) == 0
    notice = Notification.objects.get()
    assert (notice.tries, notice.try_again_at) == (1, MONDAY + MINUTE)
    tries = 1
    while notice.try_again_at:
        assert notices.send_owed(now=notice.try_again_at) == 0
        notice.refresh_from_db()
        tries += 1
    assert notice.tries == tries == 29
    assert MONDAY + timedelta(hours=23) <= notice.failed_at <= MONDAY + timedelta(days=1)
    assert mail.outbox == []


def test_while_a_notice_is_being_sent_nobody_else_is_handed_it(owed):
    leased = notices._lease_next(MONDAY)
    assert leased == owed
    assert notices._lease_next(MONDAY) is None
    assert notices._lease_next(MONDAY + notices.LEASE - MINUTE) is None
    assert notices._lease_next(MONDAY + notices.LEASE) == owed  # whoever had it has died


def test_what_was_put_off_by_a_clock_that_was_ahead_goes_out_once_it_is_right(owed):
    ahead = MONDAY + timedelta(days=2)
    assert notices._lease_next(ahead) == owed
    assert notices.send_owed(now=MONDAY + timedelta(hours=47)) == 1
    assert [message.to for message in mail.outbox] == [[owed.request.email]]


def test_what_was_owed_by_a_clock_that_was_ahead_goes_out_once_it_is_right_and_is_tried_once(owed, settings):
    earlier = MONDAY - timedelta(minutes=30)
    nobody_listens(settings)
    assert notices.send_owed(now=earlier) == 0
    assert Notification.objects.get().try_again_at == earlier + MINUTE


def test_a_lease_outlasts_a_run_and_a_silent_server():
    assert timedelta(seconds=notices.LONGEST_RUN) + timedelta(seconds=90) < notices.LEASE


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        (smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (450, b"try later")}), False),
        (smtplib.SMTPRecipientsRefused({"a@example.com": (554, b"relay denied")}), False),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), False),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
        (ValueError("a newline in a header"), True),
    ],
)
def test_only_what_no_later_try_can_mend_has_failed_at_once(error, for_good):
    assert notices._is_for_good(error) is for_good


# Dead letters are work


def failed(request, at=MONDAY) -> None:
    request.notices.update(failed_at=at, try_again_at=None)


def to_tell() -> list[int]:
    return [notice.request_id for notice in Notification.objects.to_tell_by_telephone()]


def test_who_could_not_be_written_to_is_to_be_told_by_telephone_until_somebody_has_spoken(request_, anna):
    assert to_tell() == []
    failed(request_)
    assert to_tell() == [request_.pk]
    later = MONDAY + timedelta(hours=1)
    desk.claim(pk=request_.pk, by=anna, now=later)
    desk.call(pk=request_.pk, by=anna, now=later)
    assert to_tell() == [request_.pk]
    desk.spoke(pk=request_.pk, by=anna, now=later)
    assert to_tell() == []


def test_who_has_spoken_with_us_before_has_still_to_be_told(request_, anna):
    desk.claim(pk=request_.pk, by=anna, now=MONDAY)
    desk.call(pk=request_.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request_.pk, by=anna, now=MONDAY)
    failed(request_, at=MONDAY + MINUTE)
    assert to_tell() == [request_.pk]


def test_nobody_has_to_be_told_of_what_is_closed(request_, anna):
    failed(request_)
    desk.close(pk=request_.pk, by=anna, now=MONDAY, outcome=Outcome.CLIENT_DECLINED)
    assert to_tell() == []
