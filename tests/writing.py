"""Pages for tests: only what a test cares about needs to be said."""

from datetime import datetime

from pages.actions.publishing import publish
from pages.models import Kind, Page, Publication


def written(kind: str = Kind.GUIDE, slug: str = "filler", **fields) -> Page:
    """A page that nobody has published."""
    plain = {"title": slug.replace("-", " ").title(), "summary": "In short.", "body": "<p>Text.</p>"}
    return Page.objects.create(kind=kind, slug=slug, **plain | fields)


def published(kind: str = Kind.GUIDE, slug: str = "filler", *, at: datetime, **fields) -> Page:
    page = written(kind, slug, **fields)
    publish(page=page, by=None, now=at)
    return page


def republished(page: Page, *, at: datetime, **fields) -> Publication:
    """The page changed, saved and published again."""
    for name, value in fields.items():
        setattr(page, name, value)
    page.save()
    return publish(page=page, by=None, now=at)


def withdrawn(page: Page, *, at: datetime) -> Publication:
    return Publication.objects.create(page=page, version=None, live_from=at)
