"""Checks of our own: what the firm must still supply."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import Error

from firm_site.models import FirmDetails


@register(Tags.database)
def firm_details_are_complete(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A warning for each of the firm's details that is still empty (`check --database default`)."""
    if not databases:
        return []
    try:
        row = FirmDetails.objects.using(databases[0]).filter(pk=1).first() or FirmDetails(pk=1)
    except Error:
        return []  # not migrated yet: nothing to read
    return [
        Warning(
            f"The firm's details: {name} is empty.",
            hint="Fill it in at /admin/firm_site/firmdetails/1/change/.",
            id=f"firm.W{number:03}",
        )
        for number, name in row.still_empty().items()
    ]
