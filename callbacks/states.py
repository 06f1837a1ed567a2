"""The states of a request, where each may go, and the ways it can end."""

from django.db.models import TextChoices


class Status(TextChoices):
    SUSPECTED_SPAM = "suspected_spam", "Set apart"
    CONFLICT_CHECK = "conflict_check", "Conflict check"
    NEW = "new", "New"
    CLAIMED = "claimed", "Claimed"
    WAITING = "waiting", "Waiting"
    WITH_SOLICITOR = "with_solicitor", "With a solicitor"
    CLOSED = "closed", "Closed"


MOVES: dict[Status, set[Status]] = {
    Status.SUSPECTED_SPAM: {Status.NEW, Status.CONFLICT_CHECK, Status.CLOSED},
    Status.CONFLICT_CHECK: {Status.CLAIMED, Status.NEW, Status.WAITING, Status.CLOSED},
    Status.NEW: {Status.CLAIMED, Status.CONFLICT_CHECK, Status.CLOSED},
    Status.CLAIMED: {
        Status.CLAIMED,  # by another, once it has lapsed or been taken over
        Status.WAITING,
        Status.WITH_SOLICITOR,
        Status.CONFLICT_CHECK,
        Status.NEW,
        Status.CLOSED,
    },
    Status.WAITING: {Status.CLAIMED, Status.CONFLICT_CHECK, Status.CLOSED},
    Status.WITH_SOLICITOR: {
        Status.CLAIMED,
        Status.WAITING,
        Status.CONFLICT_CHECK,
        Status.CLOSED,
    },
    Status.CLOSED: {Status.NEW, Status.CONFLICT_CHECK},
}

# Neither of these has anything due.
RESTING = [Status.SUSPECTED_SPAM, Status.CLOSED]


def may_come_from(status: Status) -> set[Status]:
    """The statuses from which a request may move to `status`."""
    return {before for before, after in MOVES.items() if status in after}


class Outcome(TextChoices):
    TAKEN_ON = "taken_on", "Taken on"
    OUT_OF_TIME = "out_of_time", "Not viable: out of time"
    NO_BREACH = "no_breach", "Not viable: no breach of duty"
    LOW_VALUE = "low_value", "Not viable: low value"
    OTHER_JURISDICTION = "other_jurisdiction", "Not viable: other jurisdiction"
    CLIENT_DECLINED = "client_declined", "Client declined"
    INSTRUCTED_ELSEWHERE = "instructed_elsewhere", "Instructed elsewhere"
    CONFLICT = "conflict", "Conflict of interest"
    DUPLICATE = "duplicate", "Duplicate"
    SPAM = "spam", "Spam"
    NOT_REACHED = "not_reached", "Could not be reached"
    WITHDRAWN = "withdrawn", "Withdrawn by the client"


# With these the firm does not act, and says so.
NOT_VIABLE = [
    Outcome.OUT_OF_TIME,
    Outcome.NO_BREACH,
    Outcome.LOW_VALUE,
    Outcome.OTHER_JURISDICTION,
    Outcome.CONFLICT,
]


class Channel(TextChoices):
    WEB = "web", "Web form"
    TELEPHONE = "telephone", "Telephone"
    VOICEMAIL = "voicemail", "Voicemail"
    VISIT = "visit", "Visit"
