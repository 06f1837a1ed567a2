"""The page on which a manager erases a person: whose requests, why, and what goes for good."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from callbacks import names
from callbacks.actions import Refused
from callbacks.actions.keeping import erase
from callbacks.admin.record import put_on_record
from callbacks.admin.staff import member
from callbacks.models import CallbackRequest, Ground
from callbacks.sight import seen_by
from firm_site.fresh_code import FreshCode
from firm_site.models import User

PAGE = "admin:callbacks_callbackrequest_change"
MOST = 100  # requests on the page: the one that it is about, and the newest of the others
GROUNDS = [(ground.value, ground.label) for ground in Ground if ground != Ground.RESTORED]


class ErasureForm(FreshCode):
    """Whose requests, why, and that nothing brings them back."""

    requests = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={"required": "Tick what is to be erased.", "invalid_choice": "Tick some of these."},
    )
    ground = forms.TypedChoiceField(
        label="Why",
        choices=GROUNDS,
        coerce=Ground,
        widget=forms.RadioSelect,
        error_messages={"required": "Say why they are erased.", "invalid_choice": "Say why they are erased."},
    )
    agreed = forms.BooleanField(
        label="Erase what is ticked above, for good",
        error_messages={"required": "Tick that it is to be erased for good."},
    )

    def __init__(self, found: Sequence[CallbackRequest], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requests"].choices = [(row.pk, str(row)) for row in found]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def erase_person(request: HttpRequest, pk: int) -> HttpResponse:
    """What would go, and what stays; a POST erases what was ticked. 422 when an answer is wrong, 409 when
    it cannot be done now."""
    user, now = member(request, "erase_callbackrequest"), timezone.now()
    callback = get_object_or_404(seen_by(user), pk=pk)
    if callback.erased_at:
        return redirect(PAGE, pk)
    every = of_same_person(callback, user)
    found = every[:MOST]
    if request.method != "POST":
        own = {"requests": [row.pk for row in found if is_theirs(row, callback)]}
        return _page(request, callback, found, ErasureForm(found, initial=own, user=user), of=len(every))
    form = ErasureForm(found, request.POST, user=user)
    if not form.is_valid():
        return _page(request, callback, found, form, of=len(every), status=422)
    chosen, ground = form.cleaned_data["requests"], form.cleaned_data["ground"]
    try:
        many = erase(pks=chosen, by=user, now=now, ground=ground)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, callback, found, form, of=len(every), status=409)
    messages.success(request, f"Erased: {many} request{'' if many == 1 else 's'}.")
    if left := [each for each in every[MOST:] if is_theirs(each, callback)]:
        messages.warning(request, f"Not erased yet: {_some(left)}, which may be theirs.")
    return redirect(PAGE, pk)


def of_same_person(callback: CallbackRequest, user: User) -> list[CallbackRequest]:
    """What may be the same person's, this request first and then the newest: linked to it, or with a number
    or an e-mail address of one that is. What holds nothing any more is not among them."""
    held = seen_by(user).filter(erased_at__isnull=True).alias(lower=Lower("email"))
    first = callback.earlier_id or callback.pk
    linked = Q(pk=first) | Q(earlier=first)
    rows = [callback, *held.filter(linked)]
    phones, emails = {row.phone for row in rows} - {""}, {row.email.lower() for row in rows} - {""}
    same = linked | Q(pk=callback.pk) | Q(phone__in=phones) | (Q(lower__in=emails) & ~Q(email=""))
    others = held.filter(same).exclude(pk=callback.pk)
    return [callback, *others.order_by("-created_at", "-pk")]


def is_theirs(other: CallbackRequest, callback: CallbackRequest) -> bool:
    """Whether it is ticked from the start: linked, or under a near name. A household shares a number."""
    same = (other.earlier_id or other.pk) == (callback.earlier_id or callback.pk)
    return same or names.are_near(other.full_name, callback.full_name)


def _some(left: Sequence[CallbackRequest]) -> str:
    """ "AC-EFHJ-KLMN", "AC-EFHJ-KLMN and 3 more"."""
    return f"{left[0]} and {len(left) - 1} more" if len(left) > 1 else str(left[0])


def _page(
    request: HttpRequest,
    callback: CallbackRequest,
    found: list[CallbackRequest],
    form: ErasureForm,
    *,
    of: int,
    status: int = 200,
) -> HttpResponse:
    ticked = {str(each) for each in form["requests"].value() or []}
    context = {
        "title": "Erase this person",
        "callback": callback,
        "found": [(row, str(row.pk) in ticked) for row in found],
        "form": form,
        "many": of,
    }
    put_on_record(request, *(row.pk for row in found))
    template = "admin/callbacks/callbackrequest/erase.html"
    return render(request, template, admin.site.each_context(request) | context, status=status)
