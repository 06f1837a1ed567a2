"""A moment that somebody types as the clock in London shows it, also in the nights when clocks change."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone

TWICE = "first"  # of two equal times in an October night


class LondonMoment(forms.DateTimeField):
    """A day and a time by the clock in London, given back aware. A time that the clock skips is refused;
    of one that comes twice, `LondonMoment.second` gives the later."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=self.input_formats, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """The first moment at which the clock shows `value`."""
        if value in self.empty_values:
            return None
        for form in self.input_formats:
            try:
                shown = datetime.strptime(str(value).strip(), form)  # noqa: DTZ007 (London, below)
            except ValueError:
                continue
            return _first(shown)
        raise forms.ValidationError("Write the day and the time like 3/12/2026 09:00.")


def _first(shown: datetime) -> datetime:
    london = timezone.get_default_timezone()
    at = shown.replace(tzinfo=london)
    if at.astimezone(UTC).astimezone(london).replace(tzinfo=None) != shown:
        raise forms.ValidationError(
            f"There is no {shown:%-H:%M} on {shown:%-d %B %Y}: the clocks go forward that night. "
            "Choose an hour later."
        )
    return at


def comes_twice(at: datetime) -> bool:
    """Whether the clock in London shows this time twice."""
    return at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
