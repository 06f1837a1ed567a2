"""The firm's details as pages show them: the row, or the last one this process has read."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from firm_site.last_known import LastKnown
from firm_site.models import FirmDetails


def _row() -> FirmDetails:
    return FirmDetails.objects.filter(pk=1).first() or FirmDetails(pk=1)


details = LastKnown(_row, first=FirmDetails(pk=1))


def firm(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `firm`, read when a template first asks; a page that must do without the
    database (`request.without_database`) is given what this process kept."""
    if getattr(request, "without_database", False):
        return {"firm": details.kept}
    return {"firm": SimpleLazyObject(details.now)}
