"""When the desk is open, a row for each day of the week and each special day; and how many it calls."""

from django.core.validators import MaxValueValidator, MinValueValidator
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


class SpecialDay(models.Model):
    """A day with hours of its own, or none: it goes before the weekday and before a bank holiday."""

    day = models.DateField(unique=True)
    opens = models.TimeField(null=True, blank=True, help_text="Leave both times empty to stay closed.")
    closes = models.TimeField(null=True, blank=True, help_text="London time, before midnight.")
    reason = models.CharField(max_length=80, blank=True, help_text="For the desk; visitors do not see it.")

    class Meta:
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False, opens__lt=F("closes")),
                name="a_special_day_is_closed_or_opens_before_it_closes",
                violation_error_message=(
                    "Give both times, the desk closing later on the same day than it opens; or neither."
                ),
            ),
        ]

    def __str__(self) -> str:
        day = f"{self.day:%A %-d %B %Y}"
        if self.opens is None or self.closes is None:
            return f"{day}: closed"
        return f"{day}: {self.opens:%-H:%M} to {self.closes:%-H:%M}"


class DeskCapacity(models.Model):
    """How many calls the desk manages, in one row."""

    calls_an_hour = models.PositiveSmallIntegerField(
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text="The pace. What is promised to those who want a call as soon as possible follows from it.",
    )
    calls_in_a_slot = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="How many people may choose the same half hour.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "pace and capacity"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="the_desk_has_one_capacity"),
            models.CheckConstraint(
                condition=Q(calls_an_hour__range=(1, 200), calls_in_a_slot__range=(1, 50)),
                name="the_desk_calls_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calls_an_hour} calls an hour, {self.calls_in_a_slot} in a half hour"
