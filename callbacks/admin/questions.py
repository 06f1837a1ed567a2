"""What a verb asks before it is done: a time, a solicitor, an outcome, a reason, a note, a number."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from callbacks import hours
from callbacks.actions import desk
from callbacks.forms import LONGEST_TYPED_NUMBER, LineField, ParagraphsField
from callbacks.opening import hours_in_force
from callbacks.states import Outcome
from firm_site.models import User
from firm_site.roles import PARTNERS


class OpenDayField(forms.ChoiceField):
    """A day on which the desk is open, chosen and not typed: no closed one can be picked."""

    def __init__(self, *, empty: str, **kwargs: Any) -> None:
        self.empty = empty
        super().__init__(choices=self._days, **kwargs)

    def _days(self) -> list[tuple[str, str]]:
        in_force, today = hours_in_force(), timezone.localdate()
        days = (today + timedelta(days=ahead) for ahead in range(hours.HORIZON + 1))
        open_days = [day for day in days if hours.opening(in_force, day)]
        return [("", self.empty), *((day.isoformat(), _day_label(day, today)) for day in open_days)]


class ProseField(ParagraphsField):
    """What ends up in a note."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class NoQuestions(forms.Form):
    """For a verb that is one button."""


class HalfHourForm(forms.Form):
    """A half hour of opening time, in London, whatever the clocks do that night."""

    day = OpenDayField(
        label="Day",
        empty="Choose a day",
        error_messages={
            "required": "Choose a day",
            "invalid_choice": "Choose one of the days on offer",
        },
    )
    half_hour = forms.ChoiceField(
        label="Time, in London",
        choices=lambda: [("", "Choose a time"), *_half_hours()],
        error_messages={
            "required": "Choose a time",
            "invalid_choice": "Choose one of the times on offer",
        },
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"day", "half_hour"} <= given.keys():
            day, half_hour = date.fromisoformat(given["day"]), time.fromisoformat(given["half_hour"])
            return {"at": datetime.combine(day, half_hour, hours.LONDON)}
        return given


class SolicitorForm(forms.Form):
    solicitor = forms.ModelChoiceField(
        User.objects.filter(groups__name=PARTNERS, is_active=True).order_by("first_name", "username"),
        label="Solicitor",
        required=False,
        empty_label="Any of them",
        error_messages={"invalid_choice": "Choose one of the solicitors on offer"},
    )
    day = OpenDayField(
        label="To decide by the end of",
        empty=f"The {desk.OPEN_DAYS_TO_DECIDE}nd open day from now",
        required=False,
        error_messages={"invalid_choice": "Choose one of the days on offer"},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = given.pop("day", "")
        if chosen and (opening := hours.opening(hours_in_force(), date.fromisoformat(chosen))):
            given["decide_by"] = opening[1]
        return given


class OutcomeForm(forms.Form):
    outcome = forms.TypedChoiceField(
        label="Outcome",
        choices=[("", "Choose an outcome"), *Outcome.choices],
        coerce=Outcome,
        error_messages={"required": "Choose an outcome", "invalid_choice": "Choose an outcome"},
    )
    reason = ProseField(label="What should be remembered (optional)", required=False)


class ReasonForm(forms.Form):
    reason = ProseField(label="Why it is reopened", error_messages={"required": "Say why it is reopened."})


class TakeOverForm(forms.Form):
    reason = ProseField(
        label="Why you take it over", error_messages={"required": "Say why you take it over."}
    )


class NoteForm(forms.Form):
    text = ProseField(label="Note", error_messages={"required": "Write the note first."})


class ClinicForm(forms.Form):
    clinic = LineField(
        label="The clinic or the practitioner",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    cannot_say = forms.BooleanField(label="They cannot say", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.pop("cannot_say", False):
            if not given.get("clinic"):
                self.add_error("clinic", "Write who it was, or that they cannot say.")
            return given
        return {"clinic": ""}


class CaseForm(forms.Form):
    case_number = LineField(
        label="Case number",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the case number."},
    )


class NumberForm(forms.Form):
    typed = LineField(
        label="The right number, in any writing",
        max_length=LONGEST_TYPED_NUMBER,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        error_messages={"required": "Enter the number"},
    )


def _half_hours() -> list[tuple[str, str]]:
    """Every half hour between the earliest opening and the latest closing of the week."""
    times = hours_in_force().weekly.values()
    if not times:
        return []
    opens, closes = min(each[0] for each in times), max(each[1] for each in times)
    all_day = (time(minutes // 60, minutes % 60) for minutes in range(0, 24 * 60, 30))
    return [(f"{each:%H:%M}", f"{each.hour}:{each:%M}") for each in all_day if opens <= each < closes]


def _day_label(day: date, today: date) -> str:
    in_full = hours.date_words(day)
    ahead = (day - today).days
    return f"{('Today', 'Tomorrow')[ahead]}, {in_full}" if ahead in (0, 1) else in_full
