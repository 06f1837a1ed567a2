"""What staff can do to a request from its page: one table, and where a request stands for whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django import forms

from callbacks.actions import checking, desk, sorting
from callbacks.admin.questions import (
    CaseForm,
    ClinicForm,
    HalfHourForm,
    NoQuestions,
    NoteForm,
    NumberForm,
    OutcomeForm,
    ReasonForm,
    SolicitorForm,
    TakeOverForm,
)
from callbacks.models import CallbackRequest, Event, Notification
from callbacks.models import EventKind as Kind
from callbacks.models.record import that_stand
from callbacks.states import Outcome, Status
from firm_site.models import User


class Standing(Enum):
    """Where a request stands for the person who looks at it."""

    SET_APART = auto()
    FREE = auto()  # anybody may claim it
    LAPSED = auto()  # somebody had it, and the time ran out
    DECIDING = auto()  # with a solicitor
    MINE = auto()
    CALLING = auto()  # mine, with a call in progress
    SPOKEN = auto()  # mine, and what follows from the call is to be said
    ANOTHERS = auto()
    CLOSED = auto()


def standing(callback: CallbackRequest, user: User, now: datetime) -> Standing:
    """Where `callback` stands `now` (aware) for `user`."""
    match callback.status:
        case Status.SUSPECTED_SPAM:
            return Standing.SET_APART
        case Status.CLOSED:
            return Standing.CLOSED
        case Status.WITH_SOLICITOR:
            return Standing.DECIDING
        case Status.CLAIMED if callback.claim_ends_at and callback.claim_ends_at <= now:
            return Standing.LAPSED
        case Status.CLAIMED if callback.claimed_by_id != user.pk:
            return Standing.ANOTHERS
        case Status.CLAIMED:
            if callback.claim_ends_at is None:
                return Standing.CALLING
            return Standing.SPOKEN if _has_spoken(callback) else Standing.MINE
    return Standing.FREE


def _has_spoken(callback: CallbackRequest) -> bool:
    """Whether the claim that runs is the one that goes on after a call."""
    tells = {Kind.CLAIMED, Kind.CALLING, Kind.THEY_RANG, Kind.SPOKE}
    steps = [event.kind for event in that_stand(callback.events.all()) if event.kind in tells]
    return steps[-1:] == [Kind.SPOKE]


type Stands = Callable[[CallbackRequest, Event, dict[str, Any]], bool]


@dataclass(frozen=True)
class Verb:
    """A thing to do: its button, the event it leaves, its action, where it is offered, what it asks.

    `undecided` keeps it from what a solicitor is deciding: from all but partners, or from `everybody`.
    `stands` tells whether the answers are those that the request or its last event holds already: a
    second click asks for what stands, another note from a second tab does not.
    """

    label: str
    leaves: Kind
    act: Callable[..., None]
    offered: set[Standing]
    done: str
    form: type[forms.Form] = NoQuestions
    undecided: str = ""
    hint: str = ""
    key: str = ""  # of the keyboard, while nobody types
    permission: str = "callbacks.work_callbackrequest"
    stands: Stands = lambda callback, last, answers: True

    @property
    def asks(self) -> bool:
        return self.form is not NoQuestions

    def was_done(self, callback: CallbackRequest, user: User, answers: dict[str, Any]) -> bool:
        """Whether this verb, by this person, with these answers, is the last that was done."""
        last = callback.events.of_the_record().last()
        if last is None or last.kind != self.leaves or last.by_id != user.pk:
            return False
        return self.stands(callback, last, answers)


def _wrote(answer: str) -> Stands:
    """`stands` of a verb whose answer of this name is written down with its event."""
    return lambda callback, last, answers: last.notes.filter(text=answers[answer]).exists()


_HELD = {Standing.MINE, Standing.SPOKEN}
_TO_CLOSE = {
    Standing.SET_APART,
    Standing.FREE,
    Standing.LAPSED,
    Standing.DECIDING,
    *_HELD,
}

# In the order in which the page offers them: the first one offered is what to do next.
VERBS: Mapping[str, Verb] = {
    "claim": Verb(
        label="Claim",
        key="c",
        leaves=Kind.CLAIMED,
        act=desk.claim,
        offered={Standing.FREE, Standing.LAPSED, Standing.DECIDING},
        done="It is yours for ten minutes. Press “Calling now” when you dial.",
    ),
    "call": Verb(
        label="Calling now",
        key="c",
        leaves=Kind.CALLING,
        act=desk.call,
        offered=_HELD,
        done="Nobody else is handed this request while you call.",
    ),
    "they-rang": Verb(
        label="They rang us",
        key="t",
        leaves=Kind.THEY_RANG,
        act=desk.they_rang,
        offered={Standing.FREE, Standing.LAPSED, Standing.DECIDING, Standing.ANOTHERS, *_HELD},
        done="You have their call. Whoever had this request is told.",
    ),
    "spoke": Verb(
        label="Spoke with them",
        key="s",
        leaves=Kind.SPOKE,
        act=desk.spoke,
        offered={Standing.CALLING},
        done="What was agreed? You have ten minutes to say.",
    ),
    "no-answer": Verb(
        label="No answer",
        key="n",
        leaves=Kind.NO_ANSWER,
        act=desk.no_answer,
        offered={Standing.CALLING},
        done="On record: no answer.",
    ),
    "left-message": Verb(
        label="Left a message",
        key="m",
        leaves=Kind.LEFT_MESSAGE,
        act=desk.left_message,
        offered={Standing.CALLING},
        done="On record: a message was left.",
    ),
    "wrong-number": Verb(
        label="Wrong number",
        key="w",
        leaves=Kind.WRONG_NUMBER,
        act=desk.wrong_number,
        offered={Standing.CALLING},
        done="On record: the number is not theirs.",
    ),
    "clear-conflict": Verb(
        label="No conflict: the story may be read",
        leaves=Kind.CLEARED,
        act=checking.clear,
        offered=set(Standing),
        done="Cleared. The desk reads the story again.",
        permission="callbacks.clear_conflict_callbackrequest",
    ),
    "said-not-acting": Verb(
        label="I have told them this",
        leaves=Kind.SAID,
        act=desk.say_not_acting,
        offered={Standing.CLOSED},
        done="On record: they were told.",
    ),
    "hand-over": Verb(
        label="Case number …",
        leaves=Kind.HANDED_OVER,
        act=desk.hand_over,
        offered={Standing.CLOSED},
        done="Handed over.",
        form=CaseForm,
        stands=lambda callback, last, answers: callback.case_number == answers["case_number"],
        hint="Of the case system. It can be corrected here the same way.",
    ),
    "make-real": Verb(
        label="This is a real request",
        leaves=Kind.MADE_REAL,
        act=sorting.make_real,
        offered={Standing.SET_APART},
        done="It is among those to call now.",
    ),
    "release": Verb(
        label="Let it go",
        key="l",
        leaves=Kind.RELEASED,
        act=desk.release,
        offered=_HELD | {Standing.CALLING},
        done="You have let it go.",
    ),
    "carried-out-by": Verb(
        label="Who carried it out? …",
        leaves=Kind.CLINIC_SAID,
        act=checking.write_clinic,
        offered=set(Standing) - {Standing.CLOSED, Standing.ANOTHERS, Standing.SET_APART},
        done="It is written down, and compared with whom we act for.",
        form=ClinicForm,
        stands=lambda callback, last, answers: callback.clinic == (answers["clinic"] or checking.NOT_KNOWN),
        hint="The clinic, and the practitioner if they know.",
    ),
    "call-again": Verb(
        label="Call again at …",
        leaves=Kind.CALL_AGAIN,
        act=desk.call_again,
        offered=_HELD | {Standing.DECIDING},
        done="We will call again then.",
        form=HalfHourForm,
        undecided="all but partners",
        stands=lambda callback, last, answers: callback.due_from == answers["at"],
        hint="We decided this. What they were promised stays as it was.",
    ),
    "agree-another-time": Verb(
        label="Agree another time …",
        leaves=Kind.OTHER_TIME,
        act=desk.agree_another_time,
        offered=_HELD | {Standing.FREE},
        done="The new time is agreed, and is what we promised.",
        form=HalfHourForm,
        undecided="everybody",
        stands=lambda callback, last, answers: callback.wanted_at == answers["at"],
        hint="They asked for this. It becomes what we promised.",
    ),
    "pass-to-solicitor": Verb(
        label="Pass to a solicitor …",
        leaves=Kind.TO_SOLICITOR,
        act=desk.pass_to_solicitor,
        offered=_HELD,
        done="It is with a solicitor.",
        form=SolicitorForm,
        undecided="all but partners",
        stands=lambda callback, last, answers: (
            callback.solicitor == answers["solicitor"]
            and answers.get("decide_by") in {None, callback.decide_by}
        ),
    ),
    "close": Verb(
        label="Close …",
        leaves=Kind.CLOSED,
        act=desk.close,
        offered=_TO_CLOSE,
        done="Closed.",
        form=OutcomeForm,
        undecided="all but partners",
        stands=lambda callback, last, answers: (
            callback.outcome == answers["outcome"]
            and (not answers["reason"] or last.notes.filter(text=answers["reason"]).exists())
        ),
    ),
    "reopen": Verb(
        label="Reopen …",
        leaves=Kind.REOPENED,
        act=desk.reopen,
        offered={Standing.CLOSED},
        done="It is open again.",
        form=ReasonForm,
        stands=_wrote("reason"),
    ),
    "take-over": Verb(
        label="Take it over …",
        leaves=Kind.TAKEN_OVER,
        act=desk.take_over,
        offered={Standing.ANOTHERS},
        done="It is yours for ten minutes. Tell the person who had it.",
        form=TakeOverForm,
        permission="callbacks.take_over_callbackrequest",
        stands=_wrote("reason"),
    ),
    "correct-number": Verb(
        label="Correct the number …",
        leaves=Kind.NUMBER_CORRECTED,
        act=desk.correct_number,
        offered=set(Standing) - {Standing.CLOSED, Standing.ANOTHERS},
        done="The number is corrected. The old one is in a note.",
        form=NumberForm,
        stands=lambda callback, last, answers: callback.phone_typed == answers["typed"],
    ),
    "note": Verb(
        label="Add a note …",
        leaves=Kind.NOTED,
        act=desk.add_note,
        offered=set(Standing),
        done="The note is kept.",
        form=NoteForm,
        stands=_wrote("text"),
    ),
}


def offered(callback: CallbackRequest, user: User, now: datetime) -> list[str]:
    """The verbs (names in VERBS) that are possible `now` for `user`. The action has the last word."""
    if callback.erased_at:
        return []
    where = standing(callback, user, now)
    return [
        name
        for name, verb in VERBS.items()
        if where in verb.offered
        and user.has_perm(verb.permission)
        and not _is_being_decided(callback, user, verb)
        and _fits(name, callback)
    ]


def _fits(name: str, callback: CallbackRequest) -> bool:
    """Whether there is anything for the verb to do, where its standing alone does not tell."""
    match name:
        case "left-message":
            return callback.leave_message
        case "reopen":
            return bool(callback.phone)  # an erased one has nobody to call
        case "they-rang":
            return callback.status != Status.CLAIMED or callback.claim_ends_at is not None
        case "clear-conflict":
            return callback.conflict_since is not None
        case "carried-out-by":
            return callback.conflict_since is None
        case "said-not-acting":
            return Notification.objects.to_tell_by_telephone().filter(request=callback).exists()
        case "hand-over":
            return callback.outcome == Outcome.TAKEN_ON
    return True


def _is_being_decided(callback: CallbackRequest, user: User, verb: Verb) -> bool:
    if callback.decide_by is None or not verb.undecided:
        return False
    return verb.undecided == "everybody" or not user.has_perm("callbacks.decide_callbackrequest")
