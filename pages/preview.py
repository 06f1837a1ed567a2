"""A link that shows one saved version to whoever has it, until it expires."""

from datetime import timedelta
from typing import Any

from django.core import signing

from pages.models import Page

LASTS = timedelta(days=7)
_SALT = "pages.preview"


class Expired(Exception):
    """The link was one of ours, and its time is over."""


def token(version: Any) -> str:
    """What stands in the address of the preview of this version. Whoever has it needs no login."""
    return signing.dumps(version.pk, salt=_SALT)


def version_of(signed: str) -> Any:
    """The version that a token leads to, None for a forged one. Raises Expired after LASTS."""
    try:
        pk = signing.loads(signed, salt=_SALT, max_age=LASTS)
    except signing.SignatureExpired as expired:
        raise Expired from expired
    except signing.BadSignature:
        return None
    return Page.history.filter(pk=pk).first()
