"""How a staff session begins and ends: with the second factor, and after an hour of nothing.

Between the right password and the right code nobody is logged in: who is on the way stands in a session
without a user (`Half`), for ten minutes. `begin` is the one place that logs somebody in.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, login, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from firm_site.models import User

type GetResponse = Callable[[HttpRequest], HttpResponse]

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)  # a working day, and what SESSION_COOKIE_AGE says
ON_THE_WAY = timedelta(minutes=10)
_NOTED_EACH = timedelta(minutes=1)  # a session is not written for each click

_HALF = "on_the_way"
_BEGAN = "began_at"
_SEEN = "seen_at"

# Who is busy though no page is asked for: an app adds what it knows of (a call in progress).
is_busy: list[Callable[[User], bool]] = []


@dataclass(frozen=True)
class Half:
    """Half a login: who gave the right password, when (seconds since 1970), and where they are going."""

    user_id: int
    password: str  # the hash that a session carries: another password ends this too
    at: float
    next: str
    may_enrol: bool = False


def begin_half(request: HttpRequest, user: User, next: str, *, now: datetime) -> None:
    """Remember, under a new session key, who gave the right password, and where they want to go."""
    request.session.flush()
    half = Half(user.pk, user.get_session_auth_hash(), now.timestamp(), next)
    request.session[_HALF] = asdict(half)


def let_enrol(request: HttpRequest) -> None:
    """Remember that the enrolment code was right as well."""
    request.session[_HALF] = request.session[_HALF] | {"may_enrol": True}


def half_of(request: HttpRequest, *, now: datetime) -> tuple[User, Half] | None:
    """Who is on the way in this session; None if nobody is, or the ten minutes are over, or the password or
    the login itself is no longer what it was."""
    kept = request.session.get(_HALF)
    if kept is None:
        return None
    half = Half(**kept)
    user = User.objects.filter(pk=half.user_id, is_active=True, is_staff=True).first()
    is_late = now - _moment(half.at) > ON_THE_WAY
    if user is None or is_late or not constant_time_compare(half.password, user.get_session_auth_hash()):
        return None
    return user, half


def half_is_over(request: HttpRequest, *, now: datetime) -> bool:
    """Whether somebody was on the way in this session, and is no more."""
    return _HALF in request.session and half_of(request, now=now) is None


def begin(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Log in somebody whose password and code were both right, under a new session key."""
    request.session.flush()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    mark_as_whole(request.session, now=now)


def mark_as_whole(session: object, *, now: datetime) -> None:
    """Note in this session that it began now, with both factors."""
    session[_BEGAN] = session[_SEEN] = now.timestamp()  # type: ignore[index]


def is_whole(request: HttpRequest) -> bool:
    """Whether this session began with both factors."""
    return _BEGAN in request.session


def end_all_of(user: User) -> None:
    """Log this person out everywhere, and end what they have half of a login. Only staff have sessions, so
    there are few enough to look at each."""
    for session in Session.objects.all():
        kept = session.get_decoded()
        if user.pk == kept.get(_HALF, {}).get("user_id") or kept.get(SESSION_KEY) == str(user.pk):
            session.delete()


def end_what_is_over(get_response: GetResponse) -> GetResponse:
    """Middleware: log out, on a staff page, whoever did nothing for an hour and is on no call, or has been
    logged in for twelve. What a page asks for by itself (`X-Refresh`) is nothing that anybody did."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and is_whole(request):
            _end_or_note(request, timezone.now())
        return get_response(request)

    return middleware


def _end_or_note(request: HttpRequest, now: datetime) -> None:
    session, user = request.session, request.user
    unseen = abs(now - _moment(session[_SEEN]))  # seen later than now: while the clock was wrong
    if now - _moment(session[_BEGAN]) > LONGEST:
        _end(request, "After twelve hours you were logged out. What was saved while you typed is kept.")
    elif unseen > IDLE and not (isinstance(user, User) and any(busy(user) for busy in is_busy)):
        _end(
            request,
            "After an hour of nothing you were logged out. What was saved while you typed is kept.",
        )
    elif unseen > _NOTED_EACH and "X-Refresh" not in request.headers:
        session[_SEEN] = now.timestamp()


def _end(request: HttpRequest, why: str) -> None:
    list(messages.get_messages(request))  # read, and so gone: they may name somebody
    logout(request)
    messages.warning(request, why)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
