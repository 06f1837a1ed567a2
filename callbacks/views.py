"""What visitors do: ask to be called."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from callbacks import limits, spam
from callbacks.actions import TimeGone, TimeRefused
from callbacks.forms import CallbackForm
from callbacks.origin import sent_from_here
from firm_site.addresses import canonical
from firm_site.errors import DATABASE_AWAY, go_without_database
from firm_site.page_cache import for_everyone


@for_everyone
@csrf_exempt  # no cookie, so no ambient authority to abuse: callbacks.origin guards it
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form on a page of its own, and where every copy of it posts to."""
    if request.method != "POST":
        return render(request, "callbacks/ask.html", {"canonical": canonical(request.path)})
    try:
        return _answer(request, timezone.now())
    except DATABASE_AWAY as why:
        go_without_database(request, why)
        return _with_answers_kept(request, CallbackForm(request.POST), 503, trouble="database")


def _answer(request: HttpRequest, now: datetime) -> HttpResponse:
    """What comes of a post: the receipt, or the same page with everything that was typed.

    Every post counts towards the limit of its address; as a request only what is one.
    """
    form, wants_times = CallbackForm(request.POST), request.POST.get("more_times") == "yes"
    is_from_here = sent_from_here(request)
    asks = is_from_here and not wants_times and form.is_valid()
    counted = limits.count(request.META["REMOTE_ADDR"], asks=asks, now=now)
    if counted.seconds_to_wait:
        response = _with_answers_kept(request, CallbackForm.not_judged(request.POST), 429, trouble="too_many")
        response["Retry-After"] = str(counted.seconds_to_wait)
        return response
    if not is_from_here:
        return _with_answers_kept(request, form, 403, trouble="elsewhere")
    if wants_times:
        return _with_answers_kept(request, CallbackForm.not_judged(request.POST), 200)
    if not asks:
        return _with_answers_kept(request, form, 422)
    doubt = spam.FROM_ONE_ADDRESS if counted.asks_often else ""
    try:
        saved = form.save(now=now, doubt=doubt)
    except TimeGone as refusal:
        return _with_answers_kept(request, form, 409, gone=refusal.wanted_at)
    except TimeRefused as refusal:
        form.add_error("when", str(refusal))
        return _with_answers_kept(request, form, 422)
    return HttpResponseRedirect(saved.get_absolute_url(), status=303)


def _with_answers_kept(
    request: HttpRequest,
    form: CallbackForm,
    status: int,
    *,
    trouble: str = "",
    gone: datetime | None = None,
) -> HttpResponse:
    """The form's own page with everything that was typed."""
    came_from = form["page"].value() or ""
    context = {"form": form, "trouble": trouble, "gone": gone, "came_from": came_from, "is_kept": True}
    response = render(request, "callbacks/ask.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
