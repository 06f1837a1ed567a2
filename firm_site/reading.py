"""Pages that are only read: nothing to guard against other sites, and every other method is a 405."""

from collections.abc import Callable
from typing import Any

from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe


def only_read(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer GET and HEAD; 405 for the rest, which the CSRF check would otherwise answer first."""
    return csrf_exempt(require_safe(view))
