"""The page of one request, and what happens when one of its buttons is pressed."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from callbacks import hours, telephone
from callbacks.actions import Refused, undoing
from callbacks.admin import in_words
from callbacks.admin.marks import marks_of
from callbacks.admin.record import looks_at, put_on_record
from callbacks.admin.script import script_of
from callbacks.admin.set_apart import TAB
from callbacks.admin.staff import member
from callbacks.admin.time_limit import time_limit
from callbacks.admin.time_line import time_line
from callbacks.admin.verbs import VERBS, Standing, Verb, offered, standing
from callbacks.letters import words_of
from callbacks.models import CallbackRequest, Event, Note
from callbacks.models.record import says_not_acting
from callbacks.models.request import LONGEST_CALL
from callbacks.opening import hours_in_force
from callbacks.sight import may_read_story, message_is_folded, seen_by
from callbacks.states import Status
from firm_site.locks import queue_for
from firm_site.models import User
from firm_site.telephones import telephone_uri

PAGE = "admin:callbacks_callbackrequest_change"
LIST = "admin:callbacks_callbackrequest_changelist"
MOST_OF_A_NUMBER = 10
SUGGESTED = 4  # times to call again
ASKED_FIRST = "carried-out-by"


@require_safe
def show_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The request as this person may see it."""
    return _page(request, pk)


@require_POST
def undo_verb(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what this person has just recorded; 409 with the reason when that is too late."""
    user = member(request, "work_callbackrequest")
    try:
        undoing.undo(pk=pk, by=user, now=timezone.now())
    except Refused as refused:
        if not undoing.was_just_undone(pk=pk, by=user):
            messages.error(request, str(refused))
    else:
        messages.success(request, "Taken back. It stands where it stood.")
    return redirect(PAGE, pk) if seen_by(user).filter(pk=pk).exists() else redirect("admin:index")


@require_POST
def do_verb(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do what the button says: 302 back to the page, 422 when an answer is wrong, 409 when the
    action refuses; what was typed stays."""
    user, now = member(request, "view_callbackrequest"), timezone.now()
    verb = VERBS.get(name)
    if verb is None:
        raise Http404("There is no such verb")
    if not user.has_perm(verb.permission):
        raise PermissionDenied
    get_object_or_404(seen_by(user), pk=pk)
    form = verb.form(request.POST, prefix=name)
    if not form.is_valid():
        return _page(request, pk, Answer(name, form), status=422)
    try:
        _act_once(verb, pk, user, now, form.cleaned_data, request.POST.get("edits", ""))
    except Refused as refused:
        return _page(request, pk, Answer(name, form, refusal=str(refused)), status=409)
    kept = undoing.can_be_undone(pk=pk, by=user, now=now)
    if kept is None or kept.at != now:
        messages.success(request, verb.done)  # else it stands beside the button that takes it back
    if request.POST.get("back") == "set-apart":
        return redirect(reverse(LIST) + TAB)
    still_seen = seen_by(user).filter(pk=pk).exists()
    return redirect(PAGE, pk) if still_seen else redirect(LIST)


@dataclass(frozen=True)
class Answer:
    """What was sent with a button and could not be done."""

    name: str
    form: forms.Form
    refusal: str = ""


@dataclass(frozen=True)
class Offer:
    """A verb as the page draws it."""

    name: str
    verb: Verb
    form: forms.Form
    is_open: bool = False
    suggestions: tuple[tuple[str, str, str], ...] = ()  # in words, the day, the half hour


def _act_once(verb: Verb, pk: int, user: User, now: datetime, answers: dict[str, Any], edits: str) -> None:
    """Act, unless this is the second click of a press that has just been done.

    The page says with each button how often the request had been changed. One change on, and that
    one this person's with this very verb and these very answers: what was asked for stands already.
    """
    with transaction.atomic():
        queue_for(f"press on {pk}")  # no row is locked here: verbs queue before they lock
        callback = CallbackRequest.objects.get(pk=pk)
        if edits == str(callback.edits - 1) and verb.was_done(callback, user, answers):
            return
        verb.act(pk=pk, by=user, now=now, **answers)


def _page(request: HttpRequest, pk: int, answer: Answer | None = None, status: int = 200) -> HttpResponse:
    """The page; that this person saw the request, and what the same person asked besides, is on record."""
    user, now = member(request, "view_callbackrequest"), timezone.now()
    seen = seen_by(user).select_related("claimed_by", "solicitor", "earlier")
    callback = get_object_or_404(seen.prefetch_related(Prefetch("events", _events())), pk=pk)
    has_story, is_folded = may_read_story(user, callback), message_is_folded(user, callback)
    offers = _offers(callback, user, now, answer)
    others = _others(callback, user)
    is_mine = standing(callback, user, now) in {Standing.MINE, Standing.CALLING, Standing.SPOKEN}
    script = script_of([*others, callback]) if has_story else None
    asks_first = script is not None and is_mine and not callback.clinic  # it stands in the script then
    can_undo = undoing.can_be_undone(pk=pk, by=user, now=now)
    marks = marks_of(request)
    to_say = says_not_acting(callback.outcome) if callback.pk in marks.to_tell else None
    readable = telephone.readable(callback.phone)
    page = render(
        request,
        "admin/callbacks/callbackrequest/page.html",
        admin.site.each_context(request)
        | {
            "title": callback.full_name or callback.reference,
            "callback": callback,
            "due": in_words.due(callback, now),
            "state": in_words.state(callback, user, now),
            "state_name": in_words.state_name(callback, user, now),
            "wishes": in_words.wishes_in_full(callback),
            "needs": list(dict.fromkeys(row.call_needs for row in [*others, callback] if row.call_needs)),
            "readable": readable,
            "dialled": telephone_uri(callback.phone) if callback.phone else "",
            "typed": "" if _same(callback.phone_typed, readable) else callback.phone_typed,
            "has_spoken": standing(callback, user, now) == Standing.SPOKEN,
            "undo": can_undo,
            "undo_seconds": math.ceil((can_undo.until - now).total_seconds()) if can_undo else 0,
            "is_mine": is_mine,
            "is_folded": is_folded,
            "script": script if is_mine else None,
            "answers": script.answered if script and not is_mine and not is_folded else [],
            "looks": looks_at(callback),
            "to_say": words_of(to_say) if to_say else [],
            "still_open": _is_long_call(callback, now),
            "buttons": [offer for offer in offers if not offer.verb.asks],
            "questions": [
                offer
                for offer in offers
                if offer.verb.asks and (offer.is_open or not (asks_first and offer.name == ASKED_FIRST))
            ],
            "answer": answer,
            "has_story": has_story,
            "time_limit": time_limit([callback, *others], timezone.localdate(now)) if has_story else None,
            "days": time_line(
                callback,
                also=others,
                with_notes=has_story,
                folded=is_folded,
                today=timezone.localdate(now),
            ),
            "changed_from": in_words.changed_from(callback, now),
            "others": [
                (other, may_read_story(user, other), message_is_folded(user, other)) for other in others
            ],
            "other_numbers": _other_numbers(callback, others),
            "same_number": _same_number(callback, user),
            "is_to_be_moved": callback.pk in marks.to_be_moved,
            "mail_failed": callback.pk in marks.to_tell,
        },
        status=status,
    )
    put_on_record(request, pk, *(other.pk for other in others))
    return page


def _is_long_call(callback: CallbackRequest, now: datetime) -> bool:
    runs = callback.status == Status.CLAIMED and callback.claim_ends_at is None
    return runs and callback.claimed_at is not None and now - callback.claimed_at >= LONGEST_CALL


def _others(callback: CallbackRequest, user: User) -> list[CallbackRequest]:
    """What else the same person has open, the oldest first."""
    if callback.due_at is None:
        return []
    others = seen_by(user).filter(pk__in=CallbackRequest.objects.of_person(callback).values("pk"))
    return list(others.exclude(pk=callback.pk).prefetch_related(Prefetch("events", _events())).order_by("pk"))


def _other_numbers(callback: CallbackRequest, others: list[CallbackRequest]) -> list[tuple[str, str]]:
    """The other numbers that the person, or somebody in their name, has given: how to read and to
    dial each."""
    numbers = {other.phone for other in others if other.phone} - {callback.phone}
    return [(telephone.readable(number), telephone_uri(number)) for number in sorted(numbers)]


def _same_number(callback: CallbackRequest, user: User) -> list[CallbackRequest]:
    """Who else has this number: other people, or the same person before. The newest ten."""
    if not callback.phone:
        return []
    same = seen_by(user).filter(phone=callback.phone).exclude(pk=callback.pk)
    if callback.due_at is not None:
        same = same.exclude(pk__in=CallbackRequest.objects.of_person(callback).values("pk"))
    return list(same.order_by("-pk")[:MOST_OF_A_NUMBER])


def _events() -> QuerySet[Event]:
    return (
        Event.objects.of_the_record()
        .select_related("by")
        .prefetch_related(Prefetch("notes", Note.objects.select_related("by")))
    )


def _offers(callback: CallbackRequest, user: User, now: datetime, answer: Answer | None) -> list[Offer]:
    """The verbs on offer; one that was refused stays, with what was typed, until the page is left."""
    names = offered(callback, user, now)
    if answer and VERBS[answer.name].asks and answer.name not in names:
        names = [answer.name, *names]
    return [
        Offer(name, VERBS[name], answer.form, is_open=True)
        if answer and name == answer.name
        else Offer(
            name,
            VERBS[name],
            VERBS[name].form(prefix=name),
            suggestions=_other_part_of_day(now) if name == "call-again" else (),
        )
        for name in names
    ]


def _other_part_of_day(now: datetime) -> tuple[tuple[str, str, str], ...]:
    """Times to call again: on the next days, in the part of the day that has not been tried."""
    in_force = hours_in_force()
    spans = (hours.next_attempt(in_force, now + timedelta(days=ahead)) for ahead in range(SUGGESTED))
    starts = sorted({span[0] for span in spans if span})
    return tuple(
        (hours.moment_words(start, now), start.date().isoformat(), f"{start:%H:%M}") for start in starts
    )


def _same(typed: str, readable: str) -> bool:
    return "".join(typed.split()) == "".join(readable.split())
