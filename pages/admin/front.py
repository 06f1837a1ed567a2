"""On the partners' front page: the pages that want something."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from firm_site.admin_site import FrontPart
from firm_site.staff import member
from pages.admin.standing import moment, needs
from pages.models import Draft, Page

PUBLISH = "pages.publish_page"


def pages_that_want_something(request: HttpRequest) -> dict[str, Any]:
    """What the part of the front page shows."""
    user = member(request, PUBLISH)
    begun = Draft.objects.filter(by=user, page=None).first()
    return {
        "needs": needs(Page.objects.all(), user, timezone.now()),
        "begun": begun and moment(begun.at),
    }


admin.site.front_parts.append(  # type: ignore[attr-defined]
    FrontPart(PUBLISH, "admin/pages/_needs.html", pages_that_want_something, place=2)
)
