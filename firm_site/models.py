"""The people who work here and what the firm says of itself."""

from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from firm_site.telephones import telephone_uri

MAY_STAY_EMPTY = {"vat_number"}  # not every firm is registered for VAT


class User(AbstractUser):
    """A member of staff. What each may do follows from the groups of roles.py."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Enrolment(models.Model):
    """That a member of staff may set up a second factor, with a code of which only the digest is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    digest = models.CharField(max_length=64)
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)


class RestoreDrills(models.QuerySet["RestoreDrill"]):
    def whole(self) -> Self:
        return self.filter(trouble="")


class RestoreDrill(models.Model):
    """That a backup was made and restored, to see whether that works: how much it was, or what was wrong."""

    began_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="Of the backup, in bytes.")
    trouble = models.TextField(blank=True, help_text="A sentence; empty when all of it was there again.")

    objects = RestoreDrills.as_manager()

    class Meta:
        ordering = ["began_at"]

    def __str__(self) -> str:
        return f"{self.began_at:%-d %B %Y, %H:%M} UTC: {self.trouble or 'whole'}"


class FirmDetails(models.Model):
    """What the firm says of itself, in one row. An empty field leaves no trace on a page."""

    telephone = models.CharField(
        max_length=30,
        default="0808 189 7703",
        help_text="As visitors read it, with its spaces. Every page shows it.",
    )
    calling_number = models.CharField(
        "number that shows when we call",
        max_length=30,
        blank=True,
        help_text="While it is empty, no page mentions one.",
    )
    email = models.EmailField("e-mail address", blank=True)
    sender_name = models.CharField(
        "name that e-mails come from",
        max_length=60,
        default="Callback desk",
        help_text="Neutral: it shows on a locked phone, and names neither the firm nor a procedure.",
    )
    sra_number = models.CharField("SRA number", max_length=20, blank=True)
    company_name = models.CharField(max_length=120, blank=True)
    company_number = models.CharField(max_length=20, blank=True)
    place_of_registration = models.CharField(
        max_length=60, blank=True, help_text="England and Wales, for example."
    )
    registered_office = models.CharField(max_length=250, blank=True)
    vat_number = models.CharField("VAT number", max_length=20, blank=True)
    professional_title = models.CharField(
        "professional title and rules",
        max_length=250,
        blank=True,
        help_text="The title, where it was granted, and where the rules can be read.",
    )
    indemnity_insurer = models.CharField(
        max_length=250, blank=True, help_text="Name, contact details and territorial coverage."
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "firm's details"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="the_firm_has_one_row_of_details"),
            models.CheckConstraint(condition=~Q(telephone=""), name="the_firm_always_has_a_telephone_number"),
        ]

    name = "Cosmetic Surgery Solicitors"

    def __str__(self) -> str:
        return self.name

    @property
    def telephone_uri(self) -> str:
        """The number as a `tel:` link dials it."""
        return telephone_uri(self.telephone)

    def still_empty(self) -> dict[int, str]:
        """What the firm has still to fill in: the names of the fields, by their places."""
        return {
            number: str(field.verbose_name)
            for number, field in enumerate(self._meta.fields, start=1)
            if getattr(self, field.attname) == "" and field.name not in MAY_STAY_EMPTY
        }
