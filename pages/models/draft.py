"""What somebody has typed and not saved."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from pages.models.page import Page


class Draft(models.Model):
    """One person's typing in the form of a page: kept as it was typed, and never a version."""

    page = models.ForeignKey(  # none: of a page that is still to be
        Page, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    fields = models.JSONField()  # by the names of the form, as they were typed
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "by"], nulls_distinct=False, name="a_person_has_one_draft_of_a_page"
            )
        ]

    def __str__(self) -> str:
        return f"What {self.by} typed"
