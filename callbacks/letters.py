"""Writes our e-mails, as text and as HTML. On a locked screen they name neither the firm nor a procedure;
the desk's hold nothing of a person at any place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from callbacks import hours
from callbacks.desk_mail import nearly_due
from callbacks.models import CallbackRequest, DataComplaint, MessageTexts, Notification, NotificationKind
from callbacks.models.record import MUST_BE_SAID, says_not_acting
from callbacks.opening import hours_in_force
from callbacks.receipt import receipt_of
from callbacks.states import Status
from firm_site.details import details, mail_from
from firm_site.models import User
from firm_site.roles import PARTNERS

Kind = NotificationKind
GREETING = "Thank you for telling us what happened. This is about the telephone call that you asked us for."


@dataclass(frozen=True)
class Letter:
    """What an e-mail says, before it is drawn."""

    to: Sequence[str]
    subject: str
    paragraphs: list[str]
    link: str
    link_words: str
    items: list[tuple[str, str]] = field(default_factory=list)  # of the desk: a reference, and by when
    is_to_visitor: bool = True


def letter_for(notice: Notification, *, now: datetime) -> EmailMultiAlternatives | None:
    """The e-mail of a notice as things stand `now` (aware); None when it is owed no more, because
    the request has been closed since, or nobody is waiting any more."""
    request = notice.request
    if notice.complaint:
        letter = _to_complainant(notice.complaint)
    elif request is None:
        letter = _to_desk(notice, now)
    elif notice.kind == Kind.RESEMBLANCE:
        letter = _to_partners(request)
    else:
        letter = _to_visitor(notice.kind, request, now)
    if letter is None:
        return None
    firm = details.now()
    host = urlsplit(settings.SITE_URL).hostname
    context = {"letter": letter, "firm": firm}
    message = EmailMultiAlternatives(
        letter.subject,
        render_to_string("callbacks/mail/letter.txt", context),
        mail_from(),
        letter.to,
        headers={
            # The same for every try, so that a mail program shows it once
            "Message-ID": f"<{notice.kind}.{notice.pk}.{request or notice.complaint or 'desk'}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("callbacks/mail/letter.html", context), "text/html")
    return message


def _to_visitor(kind: str, request: CallbackRequest, now: datetime) -> Letter | None:
    is_closed = request.status == Status.CLOSED
    if not request.email or is_closed != (kind in {Kind.CANCELLED, *MUST_BE_SAID}):
        return None
    if kind in MUST_BE_SAID and kind != says_not_acting(request.outcome):
        return None  # it was reopened, and ended otherwise
    if kind == Kind.UNREACHED and request.gives_up_at is None:
        return None  # they have chosen a time since, or we have spoken
    own_page = settings.SITE_URL + request.get_absolute_url()
    link, link_words = own_page, "To see how it stands, to change the time or to cancel:"
    receipt = receipt_of(request, now=now)
    # By its date: an e-mail is read on another day than it was written.
    stands = f"We will call you on {receipt.time_words}." if receipt.time_words else receipt.state_words
    match kind:
        case Kind.RECEIPT:
            reference = f"Your reference is {request}."
            paragraphs = ["Thank you. We have your request for a telephone call.", stands, reference]
        case Kind.CHANGED:
            paragraphs = ["The time of your telephone call is another one now.", stands]
        case Kind.UNREACHED:
            paragraphs = [stands]
            link_words = "To choose another time:"
        case Kind.NOT_VIABLE | Kind.DECLINED:
            paragraphs = [GREETING, *words_of(kind)]
            link, link_words = settings.SITE_URL + reverse("ask"), "If you would like to speak to us again:"
        case _:
            paragraphs = ["Your telephone call is cancelled, as you asked. Nobody will call you."]
            link, link_words = settings.SITE_URL + reverse("ask"), "If you would like a call after all:"
    return Letter([request.email], "Your call", paragraphs, link, link_words)


def _to_complainant(complaint: DataComplaint) -> Letter | None:
    if not complaint.email:
        return None  # erased meanwhile
    paragraphs = [
        "Thank you for writing to us. We have what you sent, and somebody will look into it without delay.",
        f"We received it on {timezone.localtime(complaint.received_at):%-d %B %Y}. "
        f"Your reference is {complaint}.",
        "You will hear from us what came of it.",
    ]
    page = settings.SITE_URL + reverse("complain")
    return Letter([complaint.email], "Your message", paragraphs, page, "If you would like to add something:")


def words_of(kind: str) -> list[str]:
    """What somebody is told for whom the firm does not act, in paragraphs, as partners have it."""
    texts = MessageTexts.objects.filter(pk=1).first() or MessageTexts()
    text = texts.declined if kind == Kind.DECLINED else texts.not_viable
    return [" ".join(each.split()) for each in text.split("\n\n") if each.strip()]


def _to_partners(request: CallbackRequest) -> Letter | None:
    """That a story waits for them, and nothing of it."""
    partners = User.objects.filter(groups__name=PARTNERS, is_active=True).exclude(email="")
    to = list(partners.order_by("pk").values_list("email", flat=True))
    if request.conflict_since is None or not to:
        return None
    held = (
        "Somebody named in a request may be a party that we act for. Its story is held until you have looked."
    )
    page = reverse("admin:callbacks_callbackrequest_change", args=[request.pk])
    link = settings.SITE_URL + page
    return Letter(to, "A conflict check", [held], link, "To the request:", is_to_visitor=False)


def _to_desk(notice: Notification, now: datetime) -> Letter | None:
    if notice.kind == Kind.ARRIVALS:
        requests = list(
            CallbackRequest.objects.open()
            .one_a_person()
            .filter(notices__gathered_in=notice)
            .in_desk_order(now)
        )
        subject = f"{_many(requests)} waiting"
        paragraphs = [f"{len(requests)} waiting: {_how_they_asked(requests, now)}."]
    else:
        requests = nearly_due(hours_in_force(), now)
        subject = f"{_many(requests)} nearly due"
        paragraphs = [f"{_many(requests)} nearly due, or late, and in nobody’s hands."]
    if not requests:
        return None
    return Letter(
        settings.NOTIFY,
        subject,
        paragraphs,
        settings.SITE_URL + reverse("admin:callbacks_callbackrequest_changelist"),
        "To the list:",
        [(str(request), _due(request, now)) for request in requests],
        is_to_visitor=False,
    )


def _many(requests: Sequence[CallbackRequest]) -> str:
    return f"{len(requests)} request{'' if len(requests) == 1 else 's'}"


def _how_they_asked(requests: Sequence[CallbackRequest], now: datetime) -> str:
    """How many chose a time, and the first of these times: "12 chose a time, the first today at 9:00"."""
    chosen = sorted(request.wanted_at for request in requests if request.wanted_at)
    if not chosen:
        return "all as soon as possible"
    first = hours.moment_words(chosen[0], now)
    return f"{len(chosen)} chose a time, the first {first}"


def _due(request: CallbackRequest, now: datetime) -> str:
    if request.due_from and request.due_at:
        return hours.window_words(request.due_from, request.due_at, now)
    return hours.promise_words(request.due_at or request.promised_by, now)
