"""A visitor's own page, at an address that nobody can guess, and what can be changed from it.

Looking changes nothing, whatever looks: each change has a page whose form is the confirmation.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from callbacks import limits, offer, telephone
from callbacks.actions import Refused, TimeGone, TimeRefused, person, visiting
from callbacks.calendar_entry import calendar_entry
from callbacks.forms import ParagraphsField, TelephoneField, WhenField
from callbacks.models import CallbackRequest
from callbacks.opening import hours_in_force
from callbacks.origin import sent_from_here
from callbacks.receipt import receipt_of
from callbacks.reference import spent
from callbacks.states import Status
from firm_site.errors import DATABASE_AWAY, go_without_database

LONGEST_ADDITION = 4000  # characters


class Change(forms.Form):
    """One thing that a visitor may change. What is said once it is done stands under `DONE`."""

    heading: ClassVar[str]
    button: ClassVar[str]
    done: ClassVar[str] = ""

    def save(self, request: CallbackRequest, *, now: datetime) -> None:
        """Make the change, through `actions.visiting`; raises Refused. Call once it is valid."""
        raise NotImplementedError


class AnotherTime(Change):
    heading, button, done = "Choose another time", "Choose this time", "time"

    when = WhenField(
        label="When shall we call?",
        help_text="Each call begins within half an hour of the time you choose. Times are UK time.",
    )

    def save(self, request: CallbackRequest, *, now: datetime) -> None:
        visiting.choose_time(pk=request.pk, by=None, now=now, wanted_at=self.cleaned_data["when"])


class RightNumber(Change):
    heading, button, done = "Correct the number", "Call this number", "number"

    phone = TelephoneField(
        label="Telephone",
        widget=forms.TelInput(attrs={"autocomplete": "tel"}),
        error_messages={
            "required": telephone.ENTER_A_NUMBER,
            "too_long": "Enter the phone number alone",
        },
    )

    def save(self, request: CallbackRequest, *, now: datetime) -> None:
        typed = self.cleaned_data["phone"].typed
        visiting.correct_number(pk=request.pk, by=None, now=now, typed=typed)


class Addition(Change):
    heading, button, done = "Add something", "Add this", "added"

    text = ParagraphsField(
        label="What would you like to add?",
        max_length=LONGEST_ADDITION,
        help_text="You do not need to give medical details here.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": "Write what you would like to add",
            "max_length": "What you add must be 4,000 characters or fewer",
        },
    )

    def save(self, request: CallbackRequest, *, now: datetime) -> None:
        visiting.add(pk=request.pk, by=None, now=now, text=self.cleaned_data["text"])


class Cancelling(Change):
    heading, button = "Cancel the request", "Cancel my request"

    def save(self, request: CallbackRequest, *, now: datetime) -> None:
        visiting.cancel(pk=request.pk, by=None, now=now)


DONE = {
    AnotherTime.done: "The time is as you chose it.",
    RightNumber.done: "Thank you. We have the number.",
    Addition.done: "Thank you. We have what you added.",
}


def own_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An address that only the visitor has: kept by nobody, found by nobody. One that leads to no
    request says what to do, and nothing else."""

    @csrf_exempt  # no cookie, so no ambient authority to abuse: callbacks.origin guards it
    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, token: str, **arguments: Any) -> HttpResponse:
        try:
            response = view(request, token, **arguments)
        except Http404:
            response = _nothing_here(request, token)
        response["X-Robots-Tag"] = "noindex"
        return response

    return answer


@own_page
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt, with a line on what was just changed."""
    done = DONE.get(request.GET.get("done", ""), "")
    return _receipt(request, _asked(token), done=done)


@own_page
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The call as a file for a calendar; 404 when no half hour is agreed."""
    entry = calendar_entry(_asked(token), now=timezone.now())
    if entry is None:
        raise Http404
    response = HttpResponse(entry, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="call.ics"'
    return response


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, token: str, form_class: type[Change]) -> HttpResponse:
    """A page that asks whether, and how, to change one thing; a POST changes it."""
    now = timezone.now()
    if request.method != "POST":
        asked = _asked(token)
        return _page(request, token, form_class(), asked, now=now)
    try:
        return _answer(request, token, form_class, now)
    except DATABASE_AWAY as why:
        go_without_database(request, why)
        form = form_class(initial=request.POST.dict())
        return _page(request, token, form, None, now=now, status=503, trouble="database")


def _answer(request: HttpRequest, token: str, form_class: type[Change], now: datetime) -> HttpResponse:
    """What comes of a post: the receipt, or the same page with everything that was typed."""
    as_typed = form_class(initial=request.POST.dict())
    if seconds := limits.count(request.META["REMOTE_ADDR"], asks=False, now=now).seconds_to_wait:
        response = _page(request, token, as_typed, None, now=now, status=429, trouble="too_many")
        response["Retry-After"] = str(seconds)
        return response
    if not sent_from_here(request):
        return _page(request, token, as_typed, None, now=now, status=403, trouble="elsewhere")
    asked = _asked(token)
    form = form_class(request.POST)
    if not form.is_valid():
        return _page(request, token, form, asked, now=now, status=422)
    try:
        form.save(asked, now=now)
    except TimeGone as refusal:
        return _page(request, token, form, asked, now=now, status=409, gone=refusal.wanted_at)
    except TimeRefused as refusal:
        form.add_error("when", str(refusal))
        return _page(request, token, form, asked, now=now, status=422)
    except Refused as refusal:
        return _page(request, token, form, _asked(token), now=now, status=409, refusal=str(refusal))
    query = f"?done={form.done}" if form.done else ""
    return HttpResponseRedirect(asked.get_absolute_url() + query, status=303)


def _nothing_here(request: HttpRequest, token: str) -> HttpResponse:
    """410 where there was a request once, of which nothing is held any more; else 404."""
    was_here = CallbackRequest.objects.filter(token=spent(token), erased_at__isnull=False).exists()
    if was_here:
        return render(request, "callbacks/self_erased.html", status=410)
    return render(request, "callbacks/self_unknown.html", status=404)


def _asked(token: str) -> CallbackRequest:
    asked = CallbackRequest.objects.filter(token=token, erased_at__isnull=True).first()
    if asked is None:
        raise Http404
    return asked


def _receipt(
    request: HttpRequest, asked: CallbackRequest, *, done: str = "", status: int = 200
) -> HttpResponse:
    stands = receipt_of(asked, now=timezone.now())
    context = {"receipt": stands, "token": asked.token, "done": "" if stands.is_closed else done}
    return render(request, "callbacks/receipt.html", context, status=status)


def _page(
    request: HttpRequest,
    token: str,
    form: Change,
    asked: CallbackRequest | None,
    *,
    now: datetime,
    status: int = 200,
    trouble: str = "",
    gone: datetime | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page of one change; that of a closed request is its receipt. `asked` is None where the
    request was not looked up: then the page knows only what was typed."""
    if asked and asked.status == Status.CLOSED:
        return _receipt(request, asked, status=status)
    is_time = isinstance(form, AnotherTime)
    if asked and is_time:
        refusal = visiting.why_not_another_time(asked)
    context = {
        "form": form,
        "token": token,
        "receipt": asked and receipt_of(asked, now=now),
        "trouble": trouble,
        "gone": gone,
        "refusal": refusal,
        "is_time": is_time,
        "is_cancelling": isinstance(form, Cancelling),
        "offer": _offer(asked, form["when"].value() or "", gone, now) if is_time else None,
    }
    return render(request, "callbacks/self_change.html", context, status=status)


def _offer(asked: CallbackRequest | None, chosen: str, gone: datetime | None, now: datetime) -> offer.Offer:
    """What may be chosen: the person's own place counts as free."""
    if asked is None:
        return offer.not_known(chosen=chosen)
    in_force, own = hours_in_force(), person.first_of(asked)
    if gone:
        return offer.in_place_of(gone, in_force, now, instead_of=own)
    return offer.all_times(in_force, now, chosen=chosen, instead_of=own)
