"""The SRA's digital badge: the one thing that our pages may load from somebody else, where `SRA_BADGE` is on.

Only pages that say nothing of who reads them carry it: no form sent back, no receipt, no search, no preview.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csp import csp_override

type View = Callable[..., HttpResponse]


def carries_the_badge(view: View) -> View:
    """The foot of this page shows the badge, and its policy lets the badge's frame in; neither while the
    badge is switched off."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.SRA_BADGE:
            return view(request, *args, **kwargs)
        request.sra_badge = settings.SRA_BADGE_FRAME  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        if response.status_code != 200:  # a page that is gone, or elsewhere
            return response
        return csp_override(settings.CSP_WITH_BADGE)(lambda _request: response)(request)

    return answer


def badge(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `sra_badge`, the address of the badge's frame on a page that carries it, and
    whether any page does, `sra_badge_is_on`."""
    shown = "" if getattr(request, "without_database", False) else getattr(request, "sra_badge", "")
    return {"sra_badge": shown, "sra_badge_is_on": settings.SRA_BADGE}
