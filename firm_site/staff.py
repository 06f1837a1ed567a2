"""Who asks for a page of the staff, and whether they may."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from firm_site.models import User


def member(request: HttpRequest, permission: str) -> User:
    """The member of staff who asks, who has this permission of `roles.py` ("pages.publish_page"); else
    raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(permission):
        raise PermissionDenied
    return user
