"""When the desk is open, a row for each day of the week."""

from django.db import models
from django.db.models import F, Q


class Weekday(models.IntegerChoices):
    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class OpeningHours(models.Model):
    """The hours of one weekday, London time. A day without a row is closed."""

    weekday = models.PositiveSmallIntegerField(choices=Weekday, unique=True)
    opens = models.TimeField(help_text="London time, for example 9:00.")
    closes = models.TimeField(help_text="London time, before midnight, for example 17:30.")

    class Meta:
        verbose_name = verbose_name_plural = "opening hours"
        ordering = ["weekday"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__in=Weekday.values), name="opening_hours_are_of_a_weekday"
            ),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")),
                name="the_desk_opens_before_it_closes",
                violation_error_message="The desk must close later on the same day than it opens.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%-H:%M} to {self.closes:%-H:%M}"
