"""Where the page of a request is, its buttons pressed, and what is stored then."""

from collections.abc import Callable
from datetime import datetime, timedelta

from callbacks.actions import desk
from callbacks.models import CallbackRequest, Event, Note
from callbacks.states import Status
from tests.client import Client
from tests.conftest import MONDAY

LIST = "/admin/callbacks/callbackrequest/"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def page(request: CallbackRequest) -> str:
    return f"{LIST}{request.pk}/change/"


def verb(request: CallbackRequest, name: str) -> str:
    return f"{LIST}{request.pk}/{name}/"


def press(client: Client, request: CallbackRequest, name: str, **answers: str):
    """Press a button of the page as it stands now."""
    edits = CallbackRequest.objects.get(pk=request.pk).edits
    given = {f"{name}-{field}": value for field, value in answers.items()}
    return client.post(verb(request, name), {"edits": edits, **given})


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


def kinds(request: CallbackRequest) -> list[str]:
    return list(request.events.values_list("kind", flat=True))


def everything() -> dict[str, object]:
    """All that is stored about requests, to compare; but for who looked at them."""
    of_the_record = Event.objects.of_the_record()
    return {
        rows.model.__name__: list(rows.order_by("pk").values())
        for rows in (CallbackRequest.objects.all(), of_the_record, Note.objects.all())
    }


def resembling(request: CallbackRequest) -> CallbackRequest:
    """The request as the comparison with the firm's list of parties will leave it."""
    CallbackRequest.objects.filter(pk=request.pk).update(status=Status.CONFLICT_CHECK, conflict_since=MONDAY)
    return again(request)


def attempt(request: CallbackRequest, by, at: datetime, end: Callable[..., None]) -> None:
    desk.claim(pk=request.pk, by=by, now=at)
    desk.call(pk=request.pk, by=by, now=at + MINUTE)
    end(pk=request.pk, by=by, now=at + 3 * MINUTE)
