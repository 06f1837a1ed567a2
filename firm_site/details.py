"""The firm's details as pages show them: the row, or the last one this process has read."""

from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from firm_site.last_known import LastKnown
from firm_site.models import FirmDetails


def _row() -> FirmDetails:
    return FirmDetails.objects.filter(pk=1).first() or FirmDetails(pk=1)


details = LastKnown(_row, first=FirmDetails(pk=1))


def mail_from() -> str:
    """Whom e-mails come from: a neutral name, and the firm's address once it is set."""
    row, host = details.now(), urlsplit(settings.SITE_URL).hostname
    return formataddr((" ".join(row.sender_name.split()), row.email or f"callback-desk@{host}"))


def firm(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `firm`, read when a template first asks; a page that must do without the
    database (`request.without_database`) is given what this process kept."""
    if getattr(request, "without_database", False):
        return {"firm": details.kept}
    return {"firm": SimpleLazyObject(details.now)}
