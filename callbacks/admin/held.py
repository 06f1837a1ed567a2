"""Everything held on one telephone number or e-mail address, as one file to read: made while it is sent, and
stored nowhere (UK GDPR, Article 15)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Prefetch, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from callbacks import names, telephone
from callbacks.actions import complaining
from callbacks.actions.answering import OURS
from callbacks.actions.exporting import disclose
from callbacks.admin.questions import ProseField
from callbacks.admin.staff import member
from callbacks.admin.time_line import Day, ended, time_line
from callbacks.forms import LineField
from callbacks.models import (
    CallbackRequest,
    DataComplaint,
    Event,
    EventKind,
    Note,
    NoteKind,
    Notice,
    Notification,
)
from callbacks.models.record import TO_US
from callbacks.sight import may_read_story, seen_by
from callbacks.states import Outcome
from firm_site.details import details
from firm_site.fresh_code import FreshCode
from firm_site.models import User

# What tells of others whom the firm acts for, and not of the person; and who looked, which is counted.
NOT_OF_THEM = [EventKind.RESEMBLES, EventKind.CLEARED, EventKind.SEEN]
COULD_NOT_ACT = "we could not act"  # said of a conflict of interest, which tells of others


@dataclass(frozen=True)
class Held:
    """What is held of one request. Without `has_story` the story and all notes are left out."""

    request: CallbackRequest
    has_story: bool
    readable: str
    days: list[Day]
    answers: list[tuple[str, str]]
    additions: list[Note]
    notes: list[Note]
    letters: list[Notification]
    looks: list[datetime]
    notice: str
    outcome: str


class HeldForm(FreshCode):
    """Whose, and what for. `found` are their requests, and `complaints` theirs, once it is valid."""

    of = LineField(
        label="Telephone number or e-mail address",
        max_length=254,
        help_text="In any writing. One at a time: make a file for each that they gave.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Enter a number or an address.",
            "max_length": "Enter the number or the address alone.",
        },
    )
    name = LineField(
        label="Their name",
        max_length=120,
        required=False,
        help_text="Where several people share the number or address: then only what was asked under a name "
        "like this is in the file.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = ProseField(label="What it is for", error_messages={"required": "Say what it is for."})

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.found: list[CallbackRequest] = []
        self.complaints: list[DataComplaint] = []

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "of" not in given:
            return given
        found, complaints = requests_of(given["of"], self.user), complaints_of(given["of"], self.user)
        names_given = [each.full_name for each in complaints] + [row.full_name for row in found]
        name = given.get("name") or (names_given[-1] if names_given else "")
        if not given.get("name") and not all(_is_of(each, name) for each in names_given):
            asked = ", ".join(sorted(set(names_given)))
            self.add_error("name", f"Several people have asked with it: {asked}. Say whose file it is to be.")
        else:
            self.found = [row for row in found if _is_of(row.full_name, name)]
            self.complaints = [each for each in complaints if _is_of(each.full_name, name)]
        return given

    def clean_of(self) -> str:
        """The number in E.164, or the address in small letters."""
        given: str = self.cleaned_data["of"]
        if "@" in given:
            try:
                validate_email(given)
            except ValidationError as error:
                raise ValidationError("Enter an e-mail address, like name@example.com.") from error
            return given.lower()
        try:
            return telephone.parse(given).e164
        except ValueError as error:
            raise ValidationError(str(error)) from error


@require_http_methods(["GET", "HEAD", "POST"])
def show_held(request: HttpRequest) -> HttpResponse:
    """The form; a POST answers with the file, or says that nothing is held."""
    user, now = member(request, "export_callbackrequest"), timezone.now()
    if request.method != "POST":
        return _page(request, HeldForm(user))
    form = HeldForm(user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    of, pks = form.cleaned_data["of"], [row.pk for row in form.found]
    with transaction.atomic():
        disclose(pks=pks, by=user, now=now, reason=form.cleaned_data["reason"])
        if form.complaints:
            complaining.disclose(pks=[each.pk for each in form.complaints], by=user, now=now)
    held = all_held(of, user, pks)
    if not held and not form.complaints:
        return _page(request, form, nothing_on=_in_words(of))
    return _file(held, form.complaints, _in_words(of), now)


def requests_of(of: str, user: User) -> list[CallbackRequest]:
    """The requests with this number (E.164) or address (small letters), the oldest first. A number that
    stood there once, and was corrected, may be a stranger's: it leads to nothing."""
    same = Q(lower=of) & ~Q(email="") if "@" in of else Q(phone=of)
    of_them = Event.objects.exclude(kind__in=NOT_OF_THEM).select_related("by").prefetch_related("notes")
    record = Prefetch("events", of_them)
    notes = Prefetch("notes", Note.objects.select_related("by"))
    found = seen_by(user).alias(lower=Lower("email")).filter(same, erased_at__isnull=True)
    found = found.select_related("solicitor").prefetch_related(record, notes, "notices")
    return list(found.order_by("created_at", "pk"))


def complaints_of(of: str, user: User) -> list[DataComplaint]:
    """The complaints about data protection that ask to be answered there, the oldest first. A number may
    stand anywhere in how they are reached."""
    if not user.has_perm("callbacks.change_datacomplaint"):
        return []  # as for complaining.disclose
    told = DataComplaint.objects.exclude(happened="").order_by("received_at", "pk")
    if "@" in of:
        return list(told.filter(email__iexact=of))
    return [each for each in told.exclude(reach="") if telephone.stands_in(each.reach, of)]


def _is_of(full_name: str, name: str) -> bool:
    """Whether it is their name, or near it; one without a letter is near none."""
    return full_name == name or names.are_near(full_name, name)


def all_held(of: str, user: User, pks: Collection[int]) -> list[Held]:
    """All that these requests hold, of those with this number or address, as far as it is for these eyes."""
    rows = [row for row in requests_of(of, user) if row.pk in pks]
    notices = dict(Notice.objects.values_list("number", "text"))
    looks: dict[int | None, list[datetime]] = {}
    seen = Event.objects.filter(request__in=rows, kind=EventKind.SEEN)
    for pk, at in seen.values_list("request", "at"):
        looks.setdefault(pk, []).append(at)
    return [
        _held_of(row, user, notices.get(row.notice_version or 0, ""), looks.get(row.pk, [])) for row in rows
    ]


def _held_of(callback: CallbackRequest, user: User, notice: str, looks: list[datetime]) -> Held:
    has_story = may_read_story(user, callback)
    notes = list(callback.notes.all()) if has_story else []
    return Held(
        request=callback,
        has_story=has_story,
        readable=telephone.readable(callback.phone),
        days=time_line(callback, with_notes=False, outcome_in_words=outcome_in_words),
        answers=[(OURS.get(each.question, each.question), each.text) for each in notes if each.question],
        additions=[each for each in notes if each.kind == NoteKind.ADDITION],
        notes=[each for each in notes if each.kind in {NoteKind.NOTE, NoteKind.REASON}],
        letters=[each for each in callback.notices.all() if each.kind not in TO_US],
        outcome=outcome_in_words(callback.outcome),
        looks=looks,
        notice=notice,
    )


def outcome_in_words(outcome: str) -> str:
    """How it ended: whom else the firm acts for is nobody's to be told."""
    if outcome == Outcome.CONFLICT:
        return COULD_NOT_ACT
    return ended(outcome) if outcome else ""


def _file(held: list[Held], complaints: list[DataComplaint], of: str, now: datetime) -> HttpResponse:
    name = held[0].request.full_name if held else complaints[0].full_name
    context = {
        "of": of,
        "name": name,
        "made_at": now,
        "firm": details.now(),
        "held": held,
        "complaints": complaints,
    }
    response = HttpResponse(render_to_string("admin/callbacks/held_file.html", context))
    response["Content-Disposition"] = f'attachment; filename="held-{timezone.localdate(now)}.html"'
    response["Cache-Control"] = "no-store"
    return response


def _in_words(of: str) -> str:
    return of if "@" in of else telephone.readable(of)


def _page(request: HttpRequest, form: HeldForm, *, nothing_on: str = "", status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"title": "What we hold on somebody", "form": form, "nothing_on": nothing_on}
    template = "admin/callbacks/held.html"
    return render(request, template, admin.site.each_context(request) | context, status=status)
