"""Checks of our own: that there will be opening hours to promise, and bank holidays to heed, and that the
firm has said how long it keeps what people tell it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import Error
from django.utils import timezone

from callbacks import hours, retention
from callbacks.opening import hours_in_force


@register()
def bank_holidays_are_known(**kwargs: Any) -> list[CheckMessage]:
    """A warning from 60 days before the end of the list that the library holidays knows."""
    return bank_holidays_on(timezone.localdate())


@register(Tags.database)
def the_desk_opens(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A warning when by the rows the desk does not open before the horizon (`check --database default`)."""
    if not databases:
        return []
    now = timezone.now()
    try:
        if hours.open_days_after(hours_in_force(), now, 1):
            return []
    except Error:
        return []  # not migrated yet: nothing to read
    return [
        Warning(
            f"The desk does not open in the next {hours.HORIZON} days: nobody can be promised a call.",
            hint="Set the hours at /admin/callbacks/openinghours/.",
            id="callbacks.W002",
        )
    ]


@register(Tags.database)
def the_firm_has_confirmed_how_long_it_keeps_things(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A warning while the period of all other outcomes is a placeholder (`check --database default`)."""
    if not databases:
        return []
    try:
        row = retention.periods()
    except Error:
        return []  # not migrated yet: nothing to read
    if row.all_others_confirmed:
        return []
    return [
        Warning(
            f"What people told us is kept for {row.all_others} days after most outcomes: a placeholder "
            "that the firm has not confirmed (the Legal Ombudsman takes complaints for a year).",
            hint="Set it, and tick that it is confirmed, at /admin/callbacks/retentionperiods/1/change/.",
            id="callbacks.W003",
        )
    ]


def bank_holidays_on(today: date) -> list[CheckMessage]:
    """The warning as it stands on that day."""
    if not hours.bank_holidays_run_out(today):
        return []
    last = hours.last_known_bank_holidays()
    return [
        Warning(
            f"The bank holidays that we know end on {last.day} {last:%B %Y}.",
            hint="Update the library holidays (`make requirements UPGRADE=--upgrade`).",
            id="callbacks.W001",
        )
    ]
