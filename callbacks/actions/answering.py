"""What staff write down while they speak with somebody: saved as it is typed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from callbacks import limitation
from callbacks.actions import Refused
from callbacks.actions.moving import is_anothers, locked, record
from callbacks.actions.person import stored
from callbacks.models import CallbackRequest, Event, EventKind, Note, NoteKind
from callbacks.sight import may_read_story
from callbacks.states import Status
from firm_site import prepared
from firm_site.locks import queue_for
from firm_site.models import User

# Questions of ours, by their codes; the others are those of a script, word for word.
NOTES = "notes"
TREATED = "treated"
BORN = "born"
OURS = {
    NOTES: "Notes of the call",
    TREATED: "When was it done?",
    BORN: "If they were under 18 then: their date of birth",
}
LONGEST = 4000  # characters of an answer
ON_RECORD_ONCE_IN = timedelta(hours=1)

_TOLD = "SELECT kind::text, question::text, text FROM callbacks_note WHERE request_id = ANY(%s) ORDER BY id"


class Clash(Refused):
    """Somebody else has saved another text meanwhile. `theirs` is that, `edits` how often it was saved."""

    def __init__(self, theirs: str, edits: int) -> None:
        super().__init__("Somebody else has changed this meanwhile. Both texts are kept: put them together.")
        self.theirs = theirs
        self.edits = edits


def write(*, pk: int, by: User, now: datetime, question: str, text: str, edits: int) -> int:
    """Save what the person says to a question, the whole of it; return how often it has been saved now.

    `edits` is how often it had been when the typing began (0: never). Raises Clash when somebody
    else has saved another text since, and Refused when the request is closed, another's, or hidden.
    """
    with transaction.atomic():
        queue_for(f"answers {pk}")
        rows = locked(pk)
        request = rows[-1]
        if request.status == Status.CLOSED or not may_read_story(by, request):
            raise Refused("This request is closed, or its story is hidden: nothing more can be written here.")
        if CallbackRequest.objects.filter(is_anothers(by, now), pk=pk).exists():
            raise Refused(f"{request.claimed_by} has this request now. Keep what you wrote in a note.")
        found = Note.objects.filter(request__in=rows, kind=NoteKind.ANSWER, question=question)
        note = found.order_by("-pk").first()
        if note and note.edits != edits and note.text != text:
            raise Clash(note.text, note.edits)
        if note is None and edits and text:
            raise Clash("", 0)
        saved = _save(note, rows, question, text[:LONGEST], by, now)
        know_time_limit(rows, now=now)  # any answer may name a place abroad
        return saved


def know_time_limit(rows: Sequence[CallbackRequest], *, now: datetime) -> None:
    """Keep, with what one person asked, by when the claim form should be at court."""
    pks = [row.pk for row in rows]
    CallbackRequest.objects.filter(pk__in=pks).update(limitation_day=court_day(rows, now=now))


def court_day(rows: Sequence[CallbackRequest], *, now: datetime) -> date | None:
    """By when the claim form should be at court, from all that one person told us; None where nobody can
    tell, or a solicitor must."""
    reasons, clock = clock_of(rows, today=timezone.localdate(now))
    return clock.court_day if clock and not reasons else None


def clock_of(rows: Sequence[CallbackRequest], *, today: date) -> tuple[list[str], limitation.Clock | None]:
    """The limitation clock of what one person told us and answered, None where no date can be read; and
    why the rules have none, whatever the date says."""
    answers, added = told_since(rows)
    told = [text for row in rows for text in (row.procedure, row.procedure_date, row.clinic, row.message)]
    told += [*answers.values(), *added]
    written = "; ".join(filter(None, [*(row.procedure_date for row in rows), answers.get(TREATED, "")]))
    born = limitation.read_date(answers.get(BORN, ""), today=today)
    born_on = born.first_day if born else None
    return limitation.not_for_a_clock(*told), limitation.clock(written, today=today, born=born_on)


def told_since(rows: Sequence[CallbackRequest]) -> tuple[dict[str, str], list[str]]:
    """What a person answered, by question, and what they added since they asked."""
    told = prepared.ask(_TOLD, [stored(rows)])
    answers = {question: text for kind, question, text in told if kind == NoteKind.ANSWER}
    return answers, [text for kind, _, text in told if kind == NoteKind.ADDITION]


def _save(
    note: Note | None, rows: Sequence[CallbackRequest], question: str, text: str, by: User, now: datetime
) -> int:
    """Save, or for an empty text delete; on record once an hour."""
    if not text:
        if note:
            note.delete()
        return 0
    if note is None:
        note = Note(request=rows[-1], kind=NoteKind.ANSWER, question=question, text="")
    if note.text == text:
        return note.edits
    note.text, note.by, note.at, note.edits = text, by, now, note.edits + 1
    note.save()
    lately = Event.objects.filter(kind=EventKind.ANSWERED, by=by, at__gt=now - ON_RECORD_ONCE_IN)
    if not lately.filter(request=rows[-1]).exists():
        record(rows[-1:], EventKind.ANSWERED, now=now, by=by)
    return note.edits
