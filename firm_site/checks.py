"""Checks of our own: what the firm must still supply, and that every column has a rule of retention."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.http import HttpRequest

from firm_site.models import FirmDetails, User
from firm_site.personal import without_a_rule


@register(Tags.database)
def firm_details_are_complete(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A warning for each of the firm's details that is still empty (`check --database default`)."""
    if not databases:
        return []
    try:
        row = FirmDetails.objects.using(databases[0]).filter(pk=1).first() or FirmDetails(pk=1)
    except DatabaseError:
        return []  # not migrated yet: nothing to read
    return [
        Warning(
            f"The firm's details: {name} is empty.",
            hint="Fill it in at /admin/firm_site/firmdetails/1/change/.",
            id=f"firm.W{number:03}",
        )
        for number, name in row.still_empty().items()
    ]


@register(Tags.security, deploy=True)
def staff_need_a_second_factor(**kwargs: Any) -> list[CheckMessage]:
    """An error if the staff site would let in a session that began with a password alone."""
    request = HttpRequest()
    request.user, request.session = User(is_staff=True), {}  # type: ignore[assignment]
    if not admin.site.has_permission(request):
        return []
    return [
        Error(
            "The staff pages open with a password alone.",
            hint="Have StaffSite.has_permission ask sessions.is_whole.",
            id="firm.E002",
        )
    ]


@register()
def every_column_has_a_rule(**kwargs: Any) -> list[CheckMessage]:
    """An error for each column of which nobody has said what becomes of it."""
    return [
        Error(
            f"Nobody has said what becomes of {column}.",
            hint="Say in firm_site/personal.py that it is not about a person, or when it goes.",
            id="firm.E001",
        )
        for column in without_a_rule()
    ]
