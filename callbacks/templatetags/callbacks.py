"""The form on any page: `{% callback_form page=path page_version=version topic=page.topic %}`."""

from typing import Any

from django import template
from django.db import Error
from django.template.context import Context
from django.utils import timezone

from callbacks import notice, offer
from callbacks.forms import CallbackForm

register = template.Library()


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
        return offer.not_known(chosen=chosen)


def _without_database(context: Context) -> bool:
    return getattr(context.get("request"), "without_database", False)
