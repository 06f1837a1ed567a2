"""How long what people told us is kept once a request is closed, as managers set it."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

SHORTEST, LONGEST = 7, 2555  # days: a week, in which a slip is noticed; seven years


def _days(words: str, many: int, help_text: str) -> Any:
    return models.PositiveSmallIntegerField(
        words,
        default=many,
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)],
        help_text=help_text,
    )


class RetentionPeriods(models.Model):
    """The days after closing, in one row, a column for each class of outcomes (callbacks.retention)."""

    spam_and_duplicates = _days(
        "spam and duplicates", 30, "Days after closing. Time enough to find one that was no spam after all."
    )
    taken_on = _days(
        "taken on",
        30,
        "Days after the case number was written down: from then on the case system holds it. Without a case "
        "number nothing is deleted.",
    )
    not_reached_and_withdrawn = _days(
        "could not be reached, and withdrawn", 90, "Days after closing, for whoever gets in touch after all."
    )
    all_others = _days(
        "all others",
        180,
        "Days after closing: not viable, declined, instructed elsewhere, conflict of interest. "
        "The Legal Ombudsman takes complaints for a year.",
    )
    all_others_confirmed = models.BooleanField(
        "the firm has confirmed the period for all others",
        default=False,
        help_text="Until this is ticked, the checks of the site remind you that it is a placeholder.",
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "how long requests are kept"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="the_periods_are_one_row"),
            models.CheckConstraint(
                condition=Q(
                    spam_and_duplicates__range=(SHORTEST, LONGEST),
                    taken_on__range=(SHORTEST, LONGEST),
                    not_reached_and_withdrawn__range=(SHORTEST, LONGEST),
                    all_others__range=(SHORTEST, LONGEST),
                ),
                name="what_is_told_us_is_kept_from_a_week_to_seven_years",
            ),
        ]

    def __str__(self) -> str:
        return "How long requests are kept"
