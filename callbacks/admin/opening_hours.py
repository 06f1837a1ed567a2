"""Where managers set when the desk is open and how many calls it makes; asked first about what is booked."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import DateField, Model, TimeField
from django.forms import DateInput, TimeInput
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from callbacks import hours
from callbacks.actions.booking import to_be_moved
from callbacks.models import CallbackRequest, DeskCapacity, OpeningHours, SpecialDay
from callbacks.opening import hours_in_force
from firm_site.agreement import AgreedTo, AsksFirst
from firm_site.one_row import OneRowAdmin

TO_BE_MOVED = "?show=to-be-moved"


def moved_by(change: Callable[[], object], now: datetime) -> list[CallbackRequest]:
    """The calls that `change`, made to the rows, would leave without their time. Nothing is changed."""
    standing = {each.pk for each in to_be_moved(hours_in_force(), now)}
    with transaction.atomic():
        change()
        moved = [each for each in to_be_moved(hours_in_force(), now) if each.pk not in standing]
        transaction.set_rollback(True)
    return moved


class BookingsForm(forms.ModelForm):
    """A change by which people lose their time is saved when somebody has seen whose."""

    agreed = forms.CharField(
        label="Save it all the same: they keep their calls, marked “to be moved”",
        required=False,
        widget=forms.HiddenInput,
    )

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or self.instance is None:
            return
        moved = moved_by(self._try, timezone.now())
        if moved and self.cleaned_data.get("agreed") != _names(moved):
            self.fields["agreed"].widget = AgreedTo(_names(moved))
            self.add_error("agreed", _listed(moved))

    def _try(self) -> None:
        """Save a copy, which is rolled back: the instance must not think itself saved."""
        copy(self.instance).save()


def _names(moved: list[CallbackRequest]) -> str:
    return " ".join(map(str, moved))


def _listed(moved: list[CallbackRequest]) -> str:
    calls = format_html_join(
        "",
        '<li>{}: <a href="{}">{}</a> {}</li>',
        (
            (
                _time(each),
                reverse("admin:callbacks_callbackrequest_change", args=[each.pk]),
                each.full_name,
                each,
            )
            for each in moved
        ),
    )
    return format_html("{} due then:<ul>{}</ul>", _calls_are(len(moved)), calls)


def _calls_are(many: int) -> str:
    return "One call is" if many == 1 else f"{many} calls are"


def _time(request: CallbackRequest) -> str:
    """From when they are called, or by when: "Tuesday 24 November, before 10:00"."""
    moment = timezone.localtime(request.due_from or request.due_at)
    before = "" if request.due_from else "before "
    return f"{hours.date_words(moment)}, {before}{hours.clock(moment)}"


class BookingsAdmin(AsksFirst):
    form = BookingsForm
    actions = None
    delete_confirmation_template = "admin/callbacks/delete_confirmation.html"
    formfield_overrides = {
        TimeField: {"widget": TimeInput(format="%H:%M", attrs={"type": "time", "step": 300})},
        DateField: {"widget": DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
    }

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        before = len(to_be_moved(hours_in_force(), timezone.now()))
        super().save_model(request, obj, form, change)
        self._tell(request, before)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        before = len(to_be_moved(hours_in_force(), timezone.now()))
        super().delete_model(request, obj)
        self._tell(request, before)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's question, which names what would have to be moved."""
        obj = self.get_object(request, object_id)
        moved = moved_by(obj.delete, timezone.now()) if obj and self.has_delete_permission(request) else []
        return super().delete_view(request, object_id, {"listed": _listed(moved) if moved else ""})

    def _tell(self, request: HttpRequest, before: int) -> None:
        moved = len(to_be_moved(hours_in_force(), timezone.now()))
        if moved > before:
            address = reverse("admin:callbacks_callbackrequest_changelist") + TO_BE_MOVED
            words = f"{_calls_are(moved)} to be moved."
            messages.warning(request, format_html('<a href="{}">{}</a>', address, words))


@admin.register(OpeningHours)
class OpeningHoursAdmin(BookingsAdmin):
    list_display = ["__str__"]


@admin.register(SpecialDay)
class SpecialDayAdmin(BookingsAdmin):
    list_display = ["__str__", "reason"]
    ordering = ["-day"]


@admin.register(DeskCapacity)
class DeskCapacityAdmin(OneRowAdmin, BookingsAdmin):
    pass
