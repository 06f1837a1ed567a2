"""What changes the site that visitors read: each verb adds a publication, and edits none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import TextChoices

from firm_site.models import User
from pages.actions import AddressTaken, Refused
from pages.models import Address, Kind, Page, Publication


class Later(TextChoices):
    """What becomes of the publications that are scheduled already, when another is made."""

    DROP = "drop", "Drop it: it never appears"
    MOVE = "move", "Let this version appear then, in its place"
    KEEP = "keep", "Keep it: it replaces this version then"


class SomethingIsScheduled(Refused):
    """Another publication of the page is still to come, and nobody has said what becomes of it."""


@transaction.atomic
def publish(
    *,
    page: Page,
    by: User | None,
    now: datetime,
    version: Any = None,
    live_from: datetime | None = None,
    later: Later | None = None,
    change: str = "",
    passed: Sequence[str] = (),
    passed_because: str = "",
) -> Publication:
    """Show visitors a saved version of the page (its newest if None) from `live_from` on (aware; now if
    None). What is live already is not published twice, nor what is scheduled for that moment already.

    `later` says what becomes of what is scheduled already. `change` is a line for visitors. `passed`
    are the codes of the stops it goes out in spite of, and `passed_because` why.

    Raises SomethingIsScheduled without `later` where that is to be said, AddressTaken, and ValueError
    for a `live_from` before `now`: what the site said on a past day stays as it was.
    """
    live_from = live_from or now
    if live_from < now:
        raise ValueError("A publication cannot begin in the past.")
    _in_turn(page)
    version = version or page.history.latest("history_id")
    shown = Publication.objects.begun(now).filter(page=page).first()
    is_live = live_from == now and shown is not None and shown.version_id == version.pk
    same = Publication.objects.scheduled(now).filter(page=page, version=version, live_from=live_from)
    already = shown if is_live else same.first()
    if already and later in {None, Later.KEEP}:
        return already
    was_to_come = _settle(page, later, by=by, now=now)
    moments = [] if is_live else [live_from]
    if later == Later.MOVE and was_to_come and was_to_come != live_from:
        moments.append(was_to_come)
    _reserve(version.path, page)
    made = [
        Publication.objects.create(
            page=page,
            version=version,
            live_from=moment,
            by=by,
            made_at=now,
            change=change if moment == moments[0] else "",  # visitors are told once
            passed=list(passed),
            passed_because=passed_because,
        )
        for moment in moments
    ]
    return shown if is_live and shown else made[0]


@transaction.atomic
def withdraw(*, page: Page, by: User, now: datetime, later: Later | None = None) -> Publication:
    """Take a guide or a profile off the site: its address answers that it is gone.

    Raises SomethingIsScheduled as `publish` does, and Refused for a standard page, which every such
    site must have, and for a page that visitors cannot read anyway.
    """
    if page.kind == Kind.STANDARD:
        raise Refused("Every site like this must have this page: it can be changed, not withdrawn.")
    _in_turn(page)
    shown = Publication.objects.begun(now).filter(page=page).first()
    if shown is None or shown.version_id is None:
        raise Refused("Visitors cannot read this page: there is nothing to withdraw.")
    _settle(page, later, by=by, now=now)
    return Publication.objects.create(page=page, version=None, live_from=now, by=by, made_at=now)


@transaction.atomic
def put_back(*, publication: Publication, by: User, now: datetime) -> Publication:
    """Show visitors again what they found before this publication: an earlier version, or that the page
    was gone.

    Raises Refused when it is no longer the newest, or when there was nothing before it.
    """
    page = publication.page
    _in_turn(page)
    if Publication.objects.begun(now).filter(page=page).first() != publication:
        raise Refused("Somebody has published this page since. Look at what visitors read now.")
    before = publication.replaced()
    if before is None:
        raise Refused("Nothing was there before it. Withdraw the page, if visitors should not read it.")
    version = before.version
    if version:
        _reserve(version.path, page)
    return Publication.objects.create(page=page, version=version, live_from=now, by=by, made_at=now)


@transaction.atomic
def unschedule(*, publication: Publication, by: User, now: datetime) -> None:
    """Drop a publication whose time has not come. Raises Refused when it has, or when it was dropped."""
    waiting = Publication.objects.scheduled(now).filter(pk=publication.pk)
    if not waiting.update(dropped_at=now, dropped_by=by):
        raise Refused("That has appeared already, or somebody has dropped it.")


def _in_turn(page: Page) -> None:
    """Whoever publishes the same page at this moment waits."""
    Page.objects.select_for_update().get(pk=page.pk)


def _settle(page: Page, later: Later | None, *, by: User | None, now: datetime) -> datetime | None:
    """Drop what is scheduled unless it is to be kept; return when the last of what was dropped was to
    come, None where nothing was."""
    waiting = list(Publication.objects.scheduled(now).filter(page=page))
    if not waiting or later == Later.KEEP:
        return None
    if later is None:
        raise SomethingIsScheduled("Another version of this page is scheduled. Say what becomes of it.")
    Publication.objects.filter(pk__in=[each.pk for each in waiting]).update(dropped_at=now, dropped_by=by)
    return waiting[-1].live_from


def _reserve(path: str, page: Page) -> None:
    """Keep the path for this page, for ever."""
    address, _ = Address.objects.get_or_create(path=path, defaults={"page": page})
    if address.page_id != page.pk:
        raise AddressTaken(path)
