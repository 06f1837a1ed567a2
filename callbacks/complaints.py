"""The form for a complaint about data protection, and its pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from callbacks import limits, spam
from callbacks.actions.complaining import Grievance, complain
from callbacks.forms import LineField, ParagraphsField, email_field, name_field
from callbacks.models import DataComplaint
from callbacks.origin import sent_from_here
from firm_site.addresses import canonical
from firm_site.errors import DATABASE_AWAY, go_without_database


class ComplaintForm(forms.Form):
    """A name, what happened, and one way to answer."""

    full_name = name_field()
    happened = ParagraphsField(
        label="What happened?",
        max_length=4000,
        help_text="What we did with your information, or did not do, and what you would like us to do now.",
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": "Write what happened",
            "max_length": "What happened must be 4,000 characters or fewer",
        },
    )
    email = email_field("We confirm at once that we have your complaint.")
    reach = ParagraphsField(
        label="Telephone number or postal address",
        required=False,
        max_length=400,
        help_text="If you would rather be answered that way.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "The number or address must be 400 characters or fewer"},
    )
    about = LineField(
        label="Your reference",
        required=False,
        max_length=40,
        help_text="If you asked for a call and have a reference, like AC-EFHJ-KLMN.",
        error_messages={"max_length": "A reference must be 40 characters or fewer"},
    )
    # The honeypot, as in the form for a call.
    website = forms.CharField(required=False, label="Leave this empty", widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not {"email", "reach"} & set(self.errors) and not given.get("email") and not given.get("reach"):
            self.add_error(
                "email",
                "Enter an e-mail address, a telephone number or a postal address, so we can answer",
            )
        return given

    def save(self, *, now: datetime, doubt: str = "") -> DataComplaint:
        """Store the complaint through `actions.complaining`. Call once it is valid."""
        given = dict(self.cleaned_data)
        doubts = [spam.HONEYPOT if given.pop("website") else "", doubt]
        because = " ".join(filter(None, doubts))
        return complain(grievance=Grievance(**given), by=None, now=now, set_apart_because=because)


@csrf_exempt  # no cookie, so no ambient authority to abuse: callbacks.origin guards it
@require_http_methods(["GET", "HEAD", "POST"])
def complain_page(request: HttpRequest) -> HttpResponse:
    """The form, and where it posts to."""
    if request.method != "POST":
        return render(
            request,
            "callbacks/complain.html",
            {"form": ComplaintForm(), "canonical": canonical(request.path)},
        )
    try:
        return _answer(request, timezone.now())
    except DATABASE_AWAY as why:
        go_without_database(request, why)
        return _with_answers_kept(request, ComplaintForm(request.POST), 503, trouble="database")


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """The thanks: the same for everybody, so that its address gives nobody away."""
    return render(request, "callbacks/complaint_received.html")


def _answer(request: HttpRequest, now: datetime) -> HttpResponse:
    """What comes of a post: the thanks, or the same page with everything that was typed."""
    form, is_from_here = ComplaintForm(request.POST), sent_from_here(request)
    asks = is_from_here and form.is_valid()
    counted = limits.count(request.META["REMOTE_ADDR"], asks=asks, now=now)
    if seconds := counted.seconds_to_wait:
        typed = ComplaintForm(initial=request.POST.dict())
        response = _with_answers_kept(request, typed, 429, trouble="too_many")
        response["Retry-After"] = str(seconds)
        return response
    if not is_from_here:
        return _with_answers_kept(request, form, 403, trouble="elsewhere")
    if not asks:
        return _with_answers_kept(request, form, 422)
    form.save(now=now, doubt=spam.FROM_ONE_ADDRESS if counted.asks_often else "")
    return HttpResponseRedirect(reverse("complaint_received"), status=303)


def _with_answers_kept(
    request: HttpRequest, form: ComplaintForm, status: int, *, trouble: str = ""
) -> HttpResponse:
    context = {"form": form, "trouble": trouble, "is_kept": True}
    response = render(request, "callbacks/complain.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
