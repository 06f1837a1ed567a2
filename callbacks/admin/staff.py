"""Who asks for a page about requests, and whether they may."""

from django.http import HttpRequest

from firm_site import staff
from firm_site.models import User


def member(request: HttpRequest, permission: str) -> User:
    """The member of staff who asks, who has this permission of `callbacks`; else raises PermissionDenied."""
    return staff.member(request, f"callbacks.{permission}")
