"""What is typed into a page's form is kept while it is typed, for whoever types it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from firm_site.staff import member
from pages.actions import writing
from pages.admin.front import PUBLISH
from pages.models import Page

LONGEST = 400_000  # characters of all that is typed
NOT_OURS = {"csrfmiddlewaretoken", "_save", "_preview", "_publish", "_continue", "_addanother"}


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed into the form of this page."""
    return _keep(request, get_object_or_404(Page, pk=pk))


@require_POST
def keep_new(request: HttpRequest) -> HttpResponse:
    """Keep what is typed into the form of a new page."""
    return _keep(request, None)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget what was typed, and show the page as it was saved."""
    writing.discard(page=get_object_or_404(Page, pk=pk), by=member(request, PUBLISH))
    return redirect("admin:pages_page_change", pk)


@require_POST
def discard_new(request: HttpRequest) -> HttpResponse:
    """Forget a page that was begun and not saved."""
    writing.discard(page=None, by=member(request, PUBLISH))
    return redirect("admin:pages_page_changelist")


def _keep(request: HttpRequest, page: Page | None) -> HttpResponse:
    user = member(request, PUBLISH)
    typed = {name: str(value) for name, value in request.POST.items() if name not in NOT_OURS}
    fields = {name: value.replace("\0", "") for name, value in typed.items()}  # PostgreSQL takes none
    if sum(len(value) for value in fields.values()) > LONGEST:
        return JsonResponse({"words": "Not kept: this is too long."}, status=422)
    kept = writing.keep(page=page, by=user, fields=fields, now=timezone.now())
    return JsonResponse({"words": f"Kept at {timezone.localtime(kept.at):%-H:%M}, not saved yet."})
