"""A page as it is written: its working copy, each save of which is a version."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from simple_history.models import HistoricalRecords

from pages.body import BodyField, reading_minutes
from pages.models.picture import Picture, PictureFile


class Kind(models.TextChoices):
    GUIDE = "guide", "Guide"
    PROFILE = "profile", "Solicitor"
    STANDARD = "standard", "Standard page"


# The pages that every such site must have: they can be neither moved nor taken away.
STANDARD_SLUGS = ["what-happens", "privacy", "accessibility", "complaints", "contact"]

FOLDERS = {Kind.GUIDE: "/guides/", Kind.PROFILE: "/people/", Kind.STANDARD: "/"}

_NO_PROFILE = Q(
    role="",
    known_as="",
    expertise="",
    qualifications="",
    sra_id="",
    short_biography="",
    portrait__isnull=True,
)
_NO_REVIEW = Q(reviewed_by__isnull=True, reviewed_on__isnull=True, review_due__isnull=True)
_NO_GUIDE = Q(topic="", author__isnull=True) & _NO_REVIEW


class Described(models.Model):
    """What a page and each saved version of it can say of themselves."""

    class Meta:
        abstract = True

    kind: str
    slug: str
    title: str
    summary: str
    body: str
    role: str
    portrait_id: int | None
    portrait_files: Sequence[PictureFile] = ()  # of the portrait, once `with_pictures` has found them
    reviewed_on: date | None

    @property
    def path(self) -> str:
        """The address that this kind and slug make, such as /guides/botched-thread-lift/."""
        return f"{FOLDERS[Kind(self.kind)]}{self.slug}/"

    @property
    def initials(self) -> str:
        """The monogram of a person: MS for Michael Saul."""
        words = self.title.split()
        return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()

    @property
    def minutes(self) -> int:
        """Whole minutes that reading it takes, at least 1."""
        return reading_minutes(self.body)


class PageQuerySet(models.QuerySet["Page"]):
    def with_last_saved(self) -> Self:
        """Each page with `saved_at` and `saved_by`: when its newest version was made, by whom."""
        newest = Page.history.filter(id=OuterRef("pk")).order_by("-history_id")
        person = "history_user__"
        full_name = Trim(Concat(f"{person}first_name", Value(" "), f"{person}last_name"))
        name = Coalesce(NullIf(full_name, Value("")), f"{person}username")
        return self.annotate(
            saved_at=Subquery(newest.values("history_date")[:1]),
            saved_by=Subquery(newest.values(name=name)[:1]),
        )


class Page(Described):
    """The working copy of a page. Visitors never see it: they see a publication of a version."""

    kind = models.CharField(max_length=10, choices=Kind)
    slug = models.SlugField(
        "address",
        help_text="The last part of the page’s address, in small letters with hyphens. If you "
        "change it, the page moves: the old address goes on leading to it.",
    )
    title = models.CharField(
        max_length=120, help_text="The large heading; on a solicitor’s page, the full name."
    )
    summary = models.CharField(
        max_length=155,
        help_text="One or two sentences, at most 155 characters. Lists of pages and search engines "
        "show them.",
    )
    body = BodyField(
        help_text="The heading icons give a heading or a smaller one, the quotation mark a shaded "
        "box. To set a list as signs, begin each item in bold, then choose “List: signs”. "
        "Write [telephone] for the firm’s number, so that it follows when the number changes."
    )

    topic = models.CharField(
        max_length=60,
        blank=True,
        help_text="The procedure that the guide is about. The form on the guide has it filled in.",
    )
    author = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="guides_written",
        limit_choices_to={"kind": Kind.PROFILE},
        help_text="The solicitor in the author box.",
    )
    reviewed_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="guides_reviewed",
        limit_choices_to={"kind": Kind.PROFILE},
        help_text="Leave this and both dates empty until someone has reviewed the guide.",
    )
    reviewed_on = models.DateField(null=True, blank=True)
    review_due = models.DateField("next review", null=True, blank=True)

    role = models.CharField(max_length=60, blank=True, help_text="Partner, for example.")
    known_as = models.CharField(
        max_length=60, blank=True, help_text="The heading of the author box, if not the title."
    )
    expertise = models.CharField(max_length=250, blank=True)
    qualifications = models.CharField(max_length=250, blank=True)
    sra_id = models.CharField("SRA ID", max_length=20, blank=True)
    short_biography = models.TextField(
        blank=True, help_text="The text of the author box under each guide, without formatting."
    )
    portrait = models.ForeignKey(
        Picture,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Shown round: best with the face in the middle, near the top. Without one, the "
        "initials stand there.",
    )

    history = HistoricalRecords(bases=[Described])
    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        permissions = [("publish_page", "Can publish a page")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "slug"],
                name="a_slug_is_unique_within_its_kind",
                violation_error_message="Another page has this address: choose a different one.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="a_page_is_a_guide_a_profile_or_a_standard_page",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(slug=""), name="a_page_has_a_title_and_an_address"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.STANDARD) | Q(slug__in=STANDARD_SLUGS),
                name="a_standard_page_is_one_of_the_five",
                violation_error_message="A standard page keeps its address.",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.GUIDE) | _NO_GUIDE,
                name="only_a_guide_has_topic_author_and_review",
                violation_error_message="Topic, author and review are for guides: leave them empty.",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.PROFILE) | _NO_PROFILE,
                name="only_a_profile_has_what_describes_a_person",
                violation_error_message="Role, name, biography and portrait are for solicitors’ "
                "pages: leave them empty.",
            ),
            models.CheckConstraint(
                condition=_NO_REVIEW
                | Q(
                    reviewed_by__isnull=False,
                    reviewed_on__isnull=False,
                    review_due__gt=F("reviewed_on"),
                ),
                name="a_review_has_a_reviewer_a_day_and_a_later_next_day",
                violation_error_message="A review has a reviewer, a day, and a later day for the "
                "next one: fill in all three, or none.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
