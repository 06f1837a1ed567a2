"""What stands beside the form of a page: what visitors read, what is to come, what is still wanting."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from pages.admin.standing import moment, standing, with_standing
from pages.checklist import Finding, findings
from pages.models import Kind, Page, Publication


@dataclass(frozen=True)
class Panel:
    """`shown` is the newest publication that began, `before` what it replaced, `coming` those scheduled;
    `newest` the version saved last, and `wanting` what there is to say of it before it goes out."""

    words: str
    newest: Any
    shown: Publication | None
    before: Publication | None
    coming: list[Publication]
    wanting: list[Finding]
    address: str
    is_newest_live: bool
    can_withdraw: bool
    put_back_to: str


def panel_of(page: Page, now: datetime) -> Panel:
    """Where `page` stands at `now` (aware)."""
    newest = page.history.select_related("history_user").latest("history_id")
    shown = Publication.objects.begun(now).filter(page=page).select_related("version", "by").first()
    before = shown.replaced() if shown else None
    is_live = shown is not None and shown.version is not None
    return Panel(
        words=standing(with_standing(Page.objects.filter(pk=page.pk), now).get()),
        newest=newest,
        shown=shown,
        before=before,
        coming=list(Publication.objects.scheduled(now).filter(page=page).select_related("by", "version")),
        wanting=findings(newest, now=now, today=timezone.localdate(now)),
        address=shown.version.path if is_live and shown else "",
        is_newest_live=is_live and shown is not None and shown.version_id == newest.pk,
        can_withdraw=is_live and page.kind != Kind.STANDARD,
        put_back_to=_was(before),
    )


def _was(before: Publication | None) -> str:
    """What visitors would read again."""
    if before is None:
        return ""
    if before.version is None:
        return "“gone”, as it was withdrawn before"
    return f"what was published on {moment(before.live_from)}"
