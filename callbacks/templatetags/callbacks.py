"""The form on any page: `{% callback_form page=path page_version=version topic=page.topic %}`."""

from typing import Any

from django import template
from django.db import Error
from django.template.context import Context
from django.utils import timezone

from callbacks import hours, notice
from callbacks.actions.booking import as_soon_as_possible
from callbacks.forms import CallbackForm
from callbacks.opening import hours_in_force

register = template.Library()


@register.inclusion_tag("callbacks/_form.html", takes_context=True)
def callback_form(
    context: Context, page: str = "", page_version: int | None = None, topic: str = ""
) -> dict[str, Any]:
    """The form, blank, or the bound one that the view put into the context as `form`.

    `page` and `page_version` say where it stands; `topic` fills in the procedure.
    """
    without_database = getattr(context.get("request"), "without_database", False)
    form = context.get("form") or CallbackForm(
        initial={
            "page": page,
            "page_version": page_version,
            "notice_version": None if without_database else notice.notice_number(),
            "procedure": topic,
        }
    )
    promise = "" if without_database else _promise()
    form.offer(promise)
    return {
        "form": form,
        "notice": notice.WORDING,
        "promise": promise,
        "firm": context.get("firm"),
        "opening": context.get("opening"),
    }


def _promise() -> str:
    """What "as soon as possible" means now, or nothing while the database is away."""
    now = timezone.now()
    try:
        return hours.promise_words(as_soon_as_possible(hours_in_force(), now).due_at, now)
    except Error:
        return ""
