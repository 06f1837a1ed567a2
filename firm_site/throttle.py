"""What django-axes is told of a wrong password or code, and what it answers with.

It counts by name and address together: who guesses from elsewhere never locks the owner of a name out. A
second count, by address alone and ten times as high, is for whoever tries one password on many names.
"""

from contextlib import AbstractContextManager
from ipaddress import IPv6Address, ip_address
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.signals import user_login_failed
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from firm_site.locks import holding
from firm_site.models import User

FROM_ONE_ADDRESS = 50  # wrong ones within AXES_COOLOFF_TIME, whatever the names


def address_of(request: HttpRequest) -> str | None:
    """The client's address for counting: IPv6 by /64, since one home has that many; None where it is none."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))


def is_shut_out(request: HttpRequest, username: str = "") -> bool:
    """Whether too many were wrong, from this address for any name or for this one. The answer is then the
    page of `shut_out`, whatever the view says. Of a name that comes with a password AxesStandaloneBackend
    asks by itself, once the form has looked at what was typed."""
    lately = timezone.now() - settings.AXES_COOLOFF_TIME
    here = AccessAttempt.objects.filter(ip_address=address_of(request), attempt_time__gt=lately)
    wrong = here.aggregate(wrong=Sum("failures_since_start"))["wrong"] or 0
    allowed = wrong < FROM_ONE_ADDRESS and AxesProxyHandler.is_allowed(request, {"username": username})
    request.axes_locked_out = not allowed  # type: ignore[attr-defined]
    return not allowed


def one_after_the_other(request: HttpRequest, username: str) -> AbstractContextManager[None]:
    """Look at one password at a time for this name from this address: looked at in the same moment, all would
    be before any was counted."""
    return holding(f"login as {username} from {address_of(request)}")


def count_wrong_code(request: HttpRequest, user: User) -> None:
    """Count a wrong code as a wrong password is counted."""
    user_login_failed.send(__name__, credentials={"username": user.username}, request=request)


def forget() -> None:
    """Delete the wrong tries that count no longer, with the names and addresses in them."""
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()


def shut_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """429, in the same words for every name: what AxesMiddleware answers with instead of `response`."""
    context = admin.site.each_context(request) | {"title": "Too many wrong tries"}
    page = render(request, "admin/shut_out.html", context, status=429)
    page["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return page


def somebody(*who: Any) -> str:
    """How the log names whoever failed: not at all. A password is soon typed in the place of the name."""
    return "somebody"
