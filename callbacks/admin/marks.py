"""What stands out among the requests, worked out once for a page."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from callbacks import hours
from callbacks.actions.booking import to_be_moved
from callbacks.desk_mail import nearly_due
from callbacks.hours import Hours
from callbacks.models import CallbackRequest, DataComplaint, Notification
from callbacks.opening import hours_in_force
from callbacks.states import Status

LOOKED_AT_WITHIN = timedelta(hours=1)  # of opening time, what was set apart
LOST_MAIL_SHOWS = timedelta(days=1)
LIST = "admin:callbacks_callbackrequest_changelist"


@dataclass(frozen=True)
class Marks:
    """What stands out `now` (aware), each worked out when a page first asks for it."""

    now: datetime

    @cached_property
    def in_force(self) -> Hours:
        """The hours in force."""
        return hours_in_force()

    @cached_property
    def to_be_moved(self) -> set[int]:
        """The requests (pks, as below) whose time cannot be kept."""
        return {each.pk for each in to_be_moved(self.in_force, self.now)}

    @cached_property
    def soon(self) -> set[int]:
        """Those nearly due in nobody's hands."""
        return {each.pk for each in nearly_due(self.in_force, self.now)}

    @cached_property
    def to_tell(self) -> set[int]:
        """Those whom an e-mail did not reach."""
        return set(Notification.objects.to_tell_by_telephone().values_list("request", flat=True))

    @cached_property
    def of_person(self) -> Counter[int]:
        """How many open requests a person has, by the first of them."""
        firsts = CallbackRequest.objects.open().values_list(Coalesce("earlier_id", "pk"), flat=True)
        return Counter(firsts)

    def how_many(self, request: CallbackRequest) -> int:
        """How many open requests the person of this one has."""
        return self.of_person[request.earlier_id or request.pk]


@dataclass(frozen=True)
class Line:
    """Something to do that the list itself does not show, and where it is done ("" for nowhere here)."""

    words: str
    address: str = ""


def marks_of(request: HttpRequest) -> Marks:
    """The marks at the time of this request to the site."""
    if not hasattr(request, "marks"):
        request.marks = Marks(timezone.now())  # type: ignore[attr-defined]
    return request.marks  # type: ignore[attr-defined]


def lines(found: Marks, now: datetime) -> list[Line]:
    """What stands above the list: each line only while there is something to do."""
    address = reverse(LIST)
    waiting = _apart_too_long(found.in_force, now)
    still_open = CallbackRequest.objects.calls_still_open(now).one_a_person().count()
    undecided = CallbackRequest.objects.undecided_in_time(now).one_a_person().count()
    to_hand_over = CallbackRequest.objects.to_hand_over().count()
    lost = Notification.objects.lost_to_the_desk(since=now - LOST_MAIL_SHOWS).exists()
    today = timezone.localdate(now)
    last = hours.last_known_bank_holidays()
    said = [
        (waiting, f"{_requests(waiting)} set apart, not looked at yet", "?show=set-apart"),
        (
            found.to_be_moved,
            f"{_requests(len(found.to_be_moved))} to be moved: agree another time with them",
            "?show=to-be-moved",
        ),
        (
            found.to_tell,
            f"{_people(len(found.to_tell))} to be told by telephone, because no e-mail reaches them",
            "?show=mail-failed",
        ),
        (
            still_open,
            f"{_calls(still_open)} in progress for over an hour: still open?",
            "?show=still-open",
        ),
        (
            undecided,
            f"{_requests(undecided)} with a solicitor should have been decided by now",
            "?show=with-solicitor",
        ),
        (
            to_hand_over,
            f"{_requests(to_hand_over)} taken on without a case number",
            "?show=to-hand-over",
        ),
        (lost, "The desk’s own e-mails do not arrive. Tell whoever looks after the mail server.", ""),
        (
            hours.bank_holidays_run_out(today),
            f"The bank holidays that we know end on {last:%-d %B %Y}. Tell whoever looks after the site.",
            "",
        ),
    ]
    return [Line(words, query and address + query) for holds, words, query in said if holds]


def lines_of_managers(now: datetime) -> list[Line]:
    """What stands there for managers besides."""
    late, in_time = 0, 0
    for complaint in DataComplaint.objects.open():
        if complaint.is_late(timezone.localdate(now)):
            late += 1
        else:
            in_time += 1
    address = reverse("admin:callbacks_datacomplaint_changelist")
    said = [
        (late, f"{_complaints(late)} about data protection late: acknowledge now"),
        (in_time, f"{_complaints(in_time)} about data protection to be answered"),
    ]
    return [Line(words, address) for many, words in said if many]


def _apart_too_long(in_force: Hours, now: datetime) -> int:
    apart = CallbackRequest.objects.filter(status=Status.SUSPECTED_SPAM)
    came = apart.values_list("created_at", flat=True)
    return sum(hours.open_time(in_force, at, now) >= LOOKED_AT_WITHIN for at in came)


def _requests(many: int) -> str:
    return f"{many} request{'' if many == 1 else 's'}"


def _complaints(many: int) -> str:
    return f"{many} complaint{'' if many == 1 else 's'}"


def _people(many: int) -> str:
    return "1 person" if many == 1 else f"{many} people"


def _calls(many: int) -> str:
    return f"{many} call{'' if many == 1 else 's'}"
