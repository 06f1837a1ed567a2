"""What of a page visitors read from when on, and where it is found."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F

from pages.models.page import Kind, Page


class PublicationQuerySet(models.QuerySet["Publication"]):
    def newest(self, now: datetime) -> Self:
        """Of each page the publication whose time came last: the latest `live_from` not after
        `now` (aware), then the highest id. Those that withdraw are among them."""
        newest = (
            Publication.objects.filter(live_from__lte=now)
            .order_by("page_id", "-live_from", "-pk")
            .distinct("page_id")
        )
        return self.filter(pk__in=newest.values("pk"))

    def live(self, now: datetime) -> Self:
        """What the site says at `now`: the newest of each page, with its version, unless it
        withdraws the page."""
        return self.newest(now).filter(version__isnull=False).select_related("version")

    def at(self, path: str) -> Self:
        """Those of the page that has, or once had, this path."""
        return self.filter(page__addresses__path=path)

    def guides(self) -> Self:
        return self.filter(version__kind=Kind.GUIDE).order_by("version__title")

    def people(self) -> Self:
        return self.filter(version__kind=Kind.PROFILE).order_by("version__title")


class Publication(models.Model):
    """From `live_from` on visitors read this version of the page; none withdraws the page."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="publications", db_index=False)
    # Migration 0002 adds that the version is one of this very page.
    version: "models.ForeignKey[Any, Any]" = models.ForeignKey(
        "pages.HistoricalPage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="publications",
    )
    live_from = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty for the first content, which nobody published.",
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes = [
            # In the order of `newest`, which every public page asks for.
            models.Index("page", F("live_from").desc(), F("id").desc(), name="newest_of_each_page")
        ]

    def __str__(self) -> str:
        return f"{self.page} from {self.live_from:%d %B %Y %H:%M} UTC"

    def first_live_from(self) -> datetime:
        """When visitors could first read any version of this page."""
        shown = Publication.objects.filter(page_id=self.page_id, version__isnull=False)
        return shown.earliest("live_from").live_from


class Address(models.Model):
    """A path that leads to a page, for ever: the page's own, or one it had before."""

    path = models.CharField(max_length=100, unique=True)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="addresses")

    def __str__(self) -> str:
        return self.path
