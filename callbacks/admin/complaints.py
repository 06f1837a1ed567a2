"""Where managers see complaints about data protection, and say what came of them."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import mark_safe

from callbacks.actions import complaining
from callbacks.admin.staff import member
from callbacks.models import DataComplaint

WRITTEN = ["full_name", "email", "reach", "happened", "about", "set_apart_because"]  # by them, or of it
CLOCK = ["received", "to_be_acknowledged", "acknowledged", "closed"]


class ComplaintForm(forms.ModelForm):
    is_acknowledged = forms.BooleanField(
        label="I have acknowledged it", required=False, help_text="By letter or by telephone."
    )
    is_closed = forms.BooleanField(
        label="Close it",
        required=False,
        help_text="Once they have been told what came of it.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        acknowledged = self.instance.acknowledged_at or given.get("is_acknowledged")
        if given.get("is_closed") and not acknowledged:
            self.add_error("is_closed", "Acknowledge it first.")
        if given.get("is_closed") and not given.get("outcome"):
            self.add_error("outcome", "Write down what came of it before you close it.")
        return given


@admin.register(DataComplaint)
class DataComplaintAdmin(admin.ModelAdmin):
    """What they wrote stays as they wrote it. Django's log keeps who changed what, and when."""

    form = ComplaintForm
    list_display = ["reference", "how_it_stands", "full_name", "received"]
    ordering = ["-closed_at", "acknowledge_by", "pk"]  # what is open comes first
    search_fields = ["reference", "full_name", "email", "reach", "about"]
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: DataComplaint | None = None) -> Any:
        ours = ["outcome"]
        if obj and not obj.closed_at and self.has_change_permission(request, obj):
            ours = [*([] if obj.acknowledged_at else ["is_acknowledged"]), "outcome", "is_closed"]
        return [
            ("What they wrote", {"fields": _written(obj)}),
            ("Its clock", {"fields": CLOCK}),
            ("What came of it", {"fields": ours}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: DataComplaint | None = None) -> list[str]:
        return [*WRITTEN, *CLOCK]

    def has_change_permission(self, request: HttpRequest, obj: DataComplaint | None = None) -> bool:
        """What is closed stays as it is."""
        return super().has_change_permission(request, obj) and not (obj and obj.closed_at)

    def save_model(self, request: HttpRequest, obj: DataComplaint, form: Any, change: bool) -> None:
        """Through the actions, each for what was changed."""
        given, user, now = form.cleaned_data, member(request, "change_datacomplaint"), timezone.now()
        try:
            if given.get("is_acknowledged"):
                complaining.acknowledge(pk=obj.pk, by=user, now=now)
            if "outcome" in form.changed_data:
                complaining.write_outcome(pk=obj.pk, by=user, now=now, outcome=given["outcome"])
            if given.get("is_closed"):
                complaining.close(pk=obj.pk, by=user, now=now)
        except complaining.Refused as refused:
            messages.error(request, str(refused))

    @admin.display(description="How it stands")
    def how_it_stands(self, obj: DataComplaint) -> str:
        if obj.closed_at:
            return f"closed on {_day(obj.closed_at)}"
        if obj.acknowledged_at:
            return f"acknowledged on {_day(obj.acknowledged_at)}; to be answered"
        if obj.is_late(timezone.localdate()):
            return mark_safe('<strong class="late">late: acknowledge now</strong>')
        return f"acknowledge by {obj.acknowledge_by:%-d %B %Y}"

    @admin.display(description="Received", ordering="received_at")
    def received(self, obj: DataComplaint) -> str:
        return f"{timezone.localtime(obj.received_at):%-d %B %Y, %-H:%M}"

    @admin.display(description="Acknowledge by")
    def to_be_acknowledged(self, obj: DataComplaint) -> str:
        return f"{obj.acknowledge_by:%-d %B %Y}"

    @admin.display(description="Acknowledged")
    def acknowledged(self, obj: DataComplaint) -> str:
        return _when(obj.acknowledged_at, obj.acknowledged_by, "our e-mail")

    @admin.display(description="Closed")
    def closed(self, obj: DataComplaint) -> str:
        return _when(obj.closed_at, obj.closed_by, "")


def _written(complaint: DataComplaint | None) -> list[str]:
    """What is there of it."""
    return [name for name in WRITTEN if getattr(complaint, name, "")]


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y}"


def _when(at: datetime | None, by: object, otherwise: str) -> str:
    return f"{_day(at)}, by {by or otherwise}" if at else "not yet"
