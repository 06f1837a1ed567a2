"""Where pages stand: what visitors read of them, what is newer, what is to come."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format

from firm_site.models import User
from pages.models import Draft, Kind, Page, Publication

MOMENT = "j F Y, H:i"
DAY = "j F Y"


def moment(at: datetime) -> str:
    """A moment as staff read it, London time: "24 November 2026, 09:05"."""
    return date_format(timezone.localtime(at), MOMENT)


def with_standing(pages: QuerySet[Page], now: datetime) -> QuerySet[Page]:
    """Each page with what `standing` and `needs` read: the version that is live at `now` (aware), since
    when, and when it is due for review; the newest one saved, and when the next is scheduled."""
    of_page = {"page": OuterRef("pk")}
    begun = Publication.objects.begun(now).filter(**of_page)
    coming = Publication.objects.scheduled(now).filter(**of_page)
    newest = Page.history.filter(id=OuterRef("pk")).order_by("-history_id")
    return pages.annotate(
        live_version=Subquery(begun.values("version")[:1]),
        live_review_due=Subquery(begun.values("version__review_due")[:1]),
        begun_at=Subquery(begun.values("live_from")[:1]),
        newest_version=Subquery(newest.values("history_id")[:1]),
        next_from=Subquery(coming.values("live_from")[:1]),
    )


def standing(page: Any) -> str:
    """In words, of a page of `with_standing`: live, live with a newer draft, scheduled, withdrawn."""
    if page.begun_at is None:
        now = "Not yet live" if page.next_from else "Draft, never published"
    elif page.live_version is None:
        now = "Withdrawn"
    elif page.live_version == page.newest_version:
        now = "Live"
    else:
        now = "Live, with a newer draft"
    return f"{now}; scheduled for {moment(page.next_from)}" if page.next_from else now


def needs(pages: QuerySet[Page], user: User, now: datetime) -> list[tuple[Page, list[str]]]:
    """The pages that want somebody, each with why, in words; what is as it should be is not among them."""
    typed = dict(Draft.objects.filter(by=user, page__isnull=False).values_list("page", "at"))
    today = timezone.localdate(now)
    found = []
    for page in with_standing(pages, now).order_by("kind", "title"):
        why = _why(page, today)
        if page.pk in typed:
            why.insert(0, f"You typed something on {moment(typed[page.pk])} and have not saved it")
        if why:
            found.append((page, why))
    return found


def _why(page: Any, today: Any) -> list[str]:
    why = []
    words = standing(page)
    if words not in {"Live", "Withdrawn"}:
        why.append(words)
    if page.kind == Kind.GUIDE and page.live_version:
        if page.live_review_due is None:
            why.append("Not yet reviewed")
        elif page.live_review_due < today:
            why.append(f"Review was due by {date_format(page.live_review_due, DAY)}")
    return why
