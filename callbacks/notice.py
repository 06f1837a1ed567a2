"""The short privacy notice beside the form's button. Each wording ever shown is kept, numbered."""

from django.db import Error, transaction
from django.db.models import Max
from django.utils import timezone

from callbacks.models import Notice
from firm_site.last_known import count_miss
from firm_site.models import FirmDetails

WORDING = (
    f"{FirmDetails.name} uses what you write here to call you back and to see whether we can help. "
    "The law allows this because you ask us to, and for legal claims. "
    "Only our staff read it. The privacy page says how long we keep it. "
    "You can ask us at any time to show it to you, to correct it or to erase it."
)

_number: int | None = None


def notice_number() -> int | None:
    """The number under which WORDING is kept; a new wording is numbered when it first shows.

    None while the database is away: the request then says that it is not known.
    """
    global _number
    if _number is None:
        try:
            _number = _numbered(WORDING)
        except Error:
            count_miss()
            return None
    return _number


def is_known(number: int) -> bool:
    """Whether some wording was ever shown under this number; of the one that this process shows nobody needs
    to ask."""
    return number == _number or Notice.objects.filter(number=number).exists()


def _numbered(text: str) -> int:
    known = Notice.objects.filter(text=text).first()
    if known:
        return known.number
    with transaction.atomic():
        latest = Notice.objects.aggregate(latest=Max("number"))["latest"] or 0
        notice, _ = Notice.objects.get_or_create(
            text=text, defaults={"number": latest + 1, "first_shown": timezone.now()}
        )
    return notice.number
