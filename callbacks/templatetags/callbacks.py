"""The form on any page: `{% callback_form page=path page_version=version topic=page.topic %}`."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.db import Error
from django.template.context import Context
from django.utils import timezone

from callbacks import hours, notice, offer, retention
from callbacks.actions import desk, undoing
from callbacks.forms import CallbackForm
from callbacks.models import CallbackRequest, Event, RetentionPeriods
from callbacks.models.request import LONGEST_CALL
from firm_site.last_known import count_miss
from firm_site.models import User

register = template.Library()

TOLD_FOR = timedelta(hours=1)  # that somebody took what one had


@register.inclusion_tag("callbacks/_form.html", takes_context=True)
def callback_form(
    context: Context,
    page: str = "",
    page_version: int | None = None,
    topic: str = "",
    all_times: bool = False,
) -> dict[str, Any]:
    """The form, blank, or the one that the view put into the context as `form`.

    `page` and `page_version` say where it stands; `topic` fills in the procedure; with `all_times`
    there is room for every free time. `gone` in the context is a time that has just gone.
    """
    form = context.get("form") or CallbackForm(
        initial={
            "page": page,
            "page_version": page_version,
            "notice_version": None if _without_database(context) else notice.notice_number(),
            "procedure": topic,
        }
    )
    return {
        "form": form,
        "offer": _offer(context, form, all_times),
        "gone": context.get("gone"),
        "notice": notice.WORDING,
        "firm": context.get("firm"),
    }


def _offer(context: Context, form: CallbackForm, all_times: bool) -> offer.Offer:
    """What may be chosen now; the hours are those that the head of the page has read."""
    chosen = form["when"].value() or ""
    in_force, now = context.get("hours_in_force"), timezone.now()
    if not in_force or _without_database(context):
        return offer.not_known(chosen=chosen)
    try:
        if gone := context.get("gone"):
            return offer.in_place_of(gone, in_force, now)
        return offer.all_times(in_force, now, chosen=chosen) if all_times else offer.on_a_card(in_force, now)
    except Error:
        count_miss()
        return offer.not_known(chosen=chosen)


def _without_database(context: Context) -> bool:
    return getattr(context.get("request"), "without_database", False)


@register.simple_tag
def how_long_it_is_kept() -> RetentionPeriods:
    """The days after closing, as they are in force, by class."""
    return retention.periods()


@register.simple_tag
def how_often_we_try() -> dict[str, int]:
    """How many `times` we try to reach somebody, and the `days` they then have to choose a time."""
    return {"times": desk.LAST_ATTEMPT, "days": desk.WAITS_BEFORE_GIVING_UP.days}


register.filter("week_in_words", hours.week_words)


@register.inclusion_tag("admin/callbacks/_bar.html", takes_context=True)
def bar_of_calls(context: dict[str, Any]) -> dict[str, Any]:
    """The calls that this member of staff has in progress, what somebody took from them lately, and what
    they can still take back. Whose page is open needs no line of its own."""
    user, now = context["user"], timezone.now()
    if not user.has_perm("callbacks.work_callbackrequest"):
        return {}
    here = getattr(context.get("callback"), "pk", None)
    running = CallbackRequest.objects.in_a_call_with(user).one_a_person()
    calls = [call for call in running if call.pk != here]
    for call in calls:
        call.is_long = call.claimed_at is not None and now - call.claimed_at >= LONGEST_CALL  # type: ignore[attr-defined]
    undo = undoing.last_of(by=user, now=now)
    return {
        "calls": calls,
        "taken": _taken_from(user, now),
        "undo": undo if undo and undo.request_id != here else None,
        "csrf_token": context["csrf_token"],
    }


def _taken_from(user: User, now: datetime) -> list[Event]:
    """What somebody took from this person lately, and they have not got back: once a person, however
    many requests that one has."""
    took = Event.objects.filter(held_by=user, at__gt=now - TOLD_FOR).exclude(request__claimed_by=user)
    found = took.select_related("by", "request").order_by("-at", "-pk")
    return list({(event.at, event.kind, event.by_id): event for event in found}.values())
