"""What of a page visitors read from when on, and where it is found."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from pages.models.page import Kind, Page


class PublicationQuerySet(models.QuerySet["Publication"]):
    def standing(self) -> Self:
        """Without those that were dropped before their time came."""
        return self.filter(dropped_at__isnull=True)

    def begun(self, now: datetime) -> Self:
        """Those whose time has come at `now` (aware), the newest first."""
        return self.standing().filter(live_from__lte=now).order_by("-live_from", "-pk")

    def scheduled(self, now: datetime) -> Self:
        """Those whose time is still to come at `now` (aware), the next first."""
        return self.standing().filter(live_from__gt=now).order_by("live_from", "pk")

    def newest(self, now: datetime) -> Self:
        """Of each page the publication whose time came last: the latest `live_from` not after
        `now` (aware), then the highest id. Those that withdraw are among them."""
        newest = Publication.objects.begun(now).order_by("page_id", "-live_from", "-pk").distinct("page_id")
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
    made_at = models.DateTimeField(default=timezone.now)
    change = models.CharField(
        "what changed, for visitors",
        max_length=120,
        blank=True,
        help_text="One line at the foot of the guide, for example: “Added what to do about an infection.” "
        "Leave it empty for what no reader needs to know.",
    )
    passed = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # codes of checklist.py
    passed_because = models.CharField("why it goes out all the same", max_length=500, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes = [
            # In the order of `newest`, which every public page asks for.
            models.Index("page", F("live_from").desc(), F("id").desc(), name="newest_of_each_page")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_by__isnull=True)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False, dropped_at__lt=F("live_from")),
                name="only_what_was_never_live_is_dropped_and_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(passed=[]) | ~Q(passed_because=""), name="a_stop_is_passed_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} from {self.live_from:%d %B %Y %H:%M} UTC"

    def replaced(self) -> "Publication | None":
        """What visitors found before they found this: the newest before it that shows another version, or
        withdraws the page. A version may be published over itself, by what was scheduled perhaps."""
        before = Publication.objects.begun(self.live_from).filter(page_id=self.page_id)
        return before.exclude(version=self.version_id).select_related("version").first()

    @cached_property
    def so_far(self) -> list["Publication"]:
        """The page's publications up to this one, the newest first."""
        return list(Publication.objects.begun(self.live_from).filter(page_id=self.page_id))

    def first_live_from(self) -> datetime:
        """When visitors could first read any version of this page; of one never live, when they will."""
        shown = [each.live_from for each in self.so_far if each.version_id]
        return shown[-1] if shown else self.live_from

    def changes_told(self) -> list["Publication"]:
        """Those that told visitors of a change that this version has, the newest first: what was put back
        is told no more."""
        newest = self.version_id or 0
        return [each for each in self.so_far if each.change and (each.version_id or 0) <= newest]


class Address(models.Model):
    """A path that leads to a page, for ever: the page's own, or one it had before."""

    path = models.CharField(max_length=100, unique=True)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="addresses")

    def __str__(self) -> str:
        return self.path
