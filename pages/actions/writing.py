"""The working copy of a page: what is typed, and what is saved. Neither changes what visitors read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from firm_site.models import User
from pages.actions import AddressTaken, Refused
from pages.models import Address, Draft, Page

EDITED = [
    "title",
    "summary",
    "body",
    "topic",
    "author",
    "reviewed_by",
    "reviewed_on",
    "review_due",
    "role",
    "known_as",
    "expertise",
    "qualifications",
    "sra_id",
    "short_biography",
    "portrait",
    "slug",
]  # all that a version says, but for its kind, which stays

DRAFTS_LAST = timedelta(days=180)


def keep(*, page: Page | None, by: User, fields: Mapping[str, str], now: datetime) -> Draft:
    """Keep what this person has typed into the form of a page, or of one that is still to be (None)."""
    kept, _ = Draft.objects.update_or_create(page=page, by=by, defaults={"fields": dict(fields), "at": now})
    return kept


def discard(*, page: Page | None, by: User) -> bool:
    """Forget what this person has typed; tell whether there was anything."""
    deleted, _ = Draft.objects.filter(page=page, by=by).delete()
    return deleted > 0


def forget_drafts(*, now: datetime) -> int:
    """Forget what nobody has typed on for half a year; return how many that were."""
    deleted, _ = Draft.objects.filter(at__lt=now - DRAFTS_LAST).delete()
    return deleted


def says_the_same(page: Any, other: Any) -> bool:
    """Whether a page or version says, in every field, what the other says."""
    names = [Page._meta.get_field(name).attname for name in EDITED]  # type: ignore[union-attr]
    return all(getattr(page, name) == getattr(other, name) for name in names)


@transaction.atomic
def restore(*, page: Page, version: Any, by: User) -> None:
    """Make the working copy say again what this version said: a new version, which is not published.

    What it says already is not saved once more. Raises Refused when something in it belongs to another
    page by now.
    """
    Page.objects.select_for_update().get(pk=page.pk)
    for name in EDITED:
        attribute = Page._meta.get_field(name).attname  # type: ignore[union-attr]
        setattr(page, attribute, getattr(version, attribute))
    try:
        page.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    if Address.objects.filter(path=page.path).exclude(page=page).exists():
        raise AddressTaken(page.path)
    if says_the_same(page, page.history.latest("history_id")):
        return
    page._history_user = by  # type: ignore[attr-defined]
    page.save()
