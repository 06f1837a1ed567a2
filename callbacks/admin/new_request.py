"""Where staff enter somebody who rang, left a message or came in: the same request as from the form."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from callbacks import hours
from callbacks.actions import Refused, TimeRefused, desk
from callbacks.actions.asking import Shown, submit
from callbacks.actions.booking import free_times
from callbacks.admin.staff import member
from callbacks.forms import ASAP, CallbackForm, WhenField
from callbacks.models import CallbackRequest
from callbacks.opening import hours_in_force
from callbacks.states import Channel
from firm_site.models import User

LONGEST_AGO = timedelta(days=31)  # a voicemail that nobody heard for longer is a slip of the hand
A_MOMENT = timedelta(minutes=2)  # clocks differ, and typing takes its time
PAGE = "admin:callbacks_callbackrequest_change"


def _times_on_offer() -> list[tuple[str, str]]:
    now = timezone.now()
    free = free_times(hours_in_force(), now)
    words = [(start.isoformat(), hours.window_words(start, end, now)) for start, end in free]
    return [(ASAP, "As soon as possible"), *((value, each[0].upper() + each[1:]) for value, each in words)]


class EntryForm(CallbackForm):
    """The visitor's own questions, and how and when they got in touch."""

    channel = forms.TypedChoiceField(
        label="How did they get in touch?",
        choices=[(each.value, each.label) for each in Channel if each != Channel.WEB],
        coerce=Channel,
        initial=Channel.TELEPHONE,
        error_messages={"required": "Choose how they got in touch", "invalid_choice": "Choose one of these"},
    )
    rang_at = forms.DateTimeField(
        label="When did they ring, or come?",
        help_text="London time.",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        error_messages={"required": "Enter when they rang", "invalid": "Enter a day and a time"},
    )

    # Who carried it out comes before the story, as it does on the telephone.
    ORDER = [
        "channel",
        "rang_at",
        "full_name",
        "phone",
        "say_who",
        "leave_message",
        "when",
        "procedure",
        "clinic",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when = self.fields["when"]
        assert isinstance(when, WhenField)  # noqa: S101
        when.widget = forms.Select(choices=_times_on_offer())  # type: ignore[assignment]
        when.label, when.help_text = "When shall we call?", "They can be told the time at once."
        self.fields["full_name"].label = "Their name"
        self.fields["message"].label, self.fields["message"].help_text = "What they told us", ""
        self.fields["call_needs"].help_text = ""
        self.fields["email"].help_text = "For a short confirmation."
        for name in ("page", "page_version", "notice_version", "website"):
            del self.fields[name]
        self.label_suffix = ""
        self.order_fields(self.ORDER)

    def clean_rang_at(self) -> datetime:
        rang_at: datetime = self.cleaned_data["rang_at"]
        now = timezone.now()
        if rang_at > now + A_MOMENT:
            raise forms.ValidationError("That is still to come. Enter when they rang.")
        if rang_at < now - LONGEST_AGO:
            raise forms.ValidationError("That is more than a month ago. Check the day.")
        return rang_at

    def enter(self, *, by: User, now: datetime) -> CallbackRequest:
        """Store it through `actions.submit`, as typed in by this person. Call once it is valid.

        Raises TimeGone or TimeRefused.
        """
        return submit(
            answers=self.answers(),
            shown=Shown(),
            by=by,
            now=now,
            channel=self.cleaned_data["channel"],
            rang_at=min(self.cleaned_data["rang_at"], now),
        )


@require_http_methods(["GET", "HEAD", "POST"])
def enter_request(request: HttpRequest) -> HttpResponse:
    """The form; 302 to the request once it is stored, 422 when an answer is wrong, 409 when the time
    cannot be had. Whoever is on the line is called at once: "Save, I am speaking with them"."""
    user, now = member(request, "enter_callbackrequest"), timezone.now()
    status = 200
    if request.method == "POST":
        form = EntryForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                return _entered(request, form.enter(by=user, now=now), user, now)
            except TimeRefused as refused:
                form.add_error("when", str(refused))
                status = 409
    else:
        asked = request.GET.get("phone", "")[:40]
        form = EntryForm(initial={"rang_at": timezone.localtime(now), "phone": asked})
    context = {"title": "New request", "form": form}
    page = "admin/callbacks/new_request.html"
    return render(request, page, admin.site.each_context(request) | context, status=status)


def _entered(request: HttpRequest, stored: CallbackRequest, user: User, now: datetime) -> HttpResponse:
    if "speaking" in request.POST:
        try:
            desk.they_rang(pk=stored.pk, by=user, now=now)
        except Refused as refused:
            messages.error(request, str(refused))
    else:
        due = hours.promise_words(stored.due_at, now) if stored.due_at else ""
        messages.success(request, f"Entered. Their call is due {due}.")
    return redirect(PAGE, stored.pk)
