"""What visitors do: ask to be called, and look at their receipt."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from callbacks.forms import CallbackForm
from callbacks.models import CallbackRequest
from callbacks.origin import sent_from_here
from callbacks.receipt import receipt_of
from firm_site.reading import only_read


@csrf_exempt  # no cookie, so no ambient authority to abuse: callbacks.origin guards it
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form on a page of its own, and where every copy of it posts to."""
    if request.method != "POST":
        return render(request, "callbacks/ask.html")
    form = CallbackForm(request.POST)
    if not sent_from_here(request):
        return _with_answers_kept(request, form, 403, trouble="elsewhere")
    if not form.is_valid():
        return _with_answers_kept(request, form, 422)
    try:
        saved = form.save(now=timezone.now())
        return HttpResponseRedirect(saved.get_absolute_url(), status=303)
    except (OperationalError, InterfaceError):
        request.without_database = True  # type: ignore[attr-defined]
        return _with_answers_kept(request, form, 503, trouble="database")


@never_cache
@only_read
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """The visitor's own page, at an address that cannot be guessed."""
    asked = get_object_or_404(CallbackRequest, token=token)
    context = {"receipt": receipt_of(asked, now=timezone.now())}
    response = render(request, "callbacks/receipt.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _with_answers_kept(
    request: HttpRequest, form: CallbackForm, status: int, *, trouble: str = ""
) -> HttpResponse:
    """The form's own page with everything that was typed."""
    context = {"form": form, "trouble": trouble, "came_from": form["page"].value() or ""}
    response = render(request, "callbacks/ask.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
