"""The tab of what was set apart: closing all of it that one sees as spam, and taking that back."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from callbacks.actions import Refused, sorting
from callbacks.admin.staff import member
from callbacks.sight import seen_by

TAB = "?show=set-apart"


@require_POST
def close_spam(request: HttpRequest) -> HttpResponse:
    """Close as spam those that the page showed, and offer to undo it."""
    user, now = member(request, "work_callbackrequest"), timezone.now()
    shown = [int(pk) for pk in request.POST.getlist("pk") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    pks = list(seen_by(user).filter(pk__in=shown).values_list("pk", flat=True))
    closed = sorting.close_as_spam(pks=pks, by=user, now=now)
    if closed:
        undo = format_html(
            '<form method="post" action="{}" class="undo">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<input type="hidden" name="closed_at" value="{}"><button type="submit">Undo</button></form>',
            reverse("admin:callbacks_callbackrequest_undo_spam"),
            get_token(request),
            now.isoformat(),
        )
        messages.success(request, format_html("{} closed as spam. {}", _requests(closed), undo))
    return redirect(_tab())


@require_POST
def undo_spam(request: HttpRequest) -> HttpResponse:
    """Set them apart again; those closed by the same person at the same press."""
    user = member(request, "work_callbackrequest")
    try:
        closed_at = datetime.fromisoformat(request.POST.get("closed_at", ""))
        taken_back = sorting.take_back_spam(closed_at=closed_at, by=user, now=timezone.now())
    except (ValueError, TypeError, OverflowError):  # a hand-made time
        taken_back = 0
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_tab())
    messages.success(request, f"{_requests(taken_back)} set apart again.")
    return redirect(_tab())


def _tab() -> str:
    return reverse("admin:callbacks_callbackrequest_changelist") + TAB


def _requests(many: int) -> str:
    return f"{many} request{'' if many == 1 else 's'}"
