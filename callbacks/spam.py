"""Signs that a request may not be a person's. They set it apart to be looked at; nothing is thrown away."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from callbacks.models import CallbackRequest
from firm_site import prepared

REQUESTS_OF_A_NUMBER = 3  # in a day; the next one is doubtful
NUMBERS_WITH_ONE_TEXT = 3  # in a day; the next one is doubtful
SHORTEST_TEXT = 40  # characters: two people may well write "Please call me"
A_DAY = timedelta(days=1)

HONEYPOT = "A field that people never see was filled in."
FROM_ONE_ADDRESS = "More than 10 requests came from one connection within ten minutes."

_LINK = re.compile(
    r"://|www\.|\[url|<a\b|\b[\w-]+\.(com|net|org|info|biz|ru|cn|xyz|top|site|online|shop)\b", re.I
)

_WITH_THIS_TEXT = """
SELECT count(DISTINCT phone) FROM callbacks_callbackrequest
WHERE created_at > %s AND message = %s AND phone <> %s
"""


def signs(
    full_name: str, phone: str, message: str, known: Iterable[CallbackRequest], *, now: datetime
) -> list[str]:
    """The reasons to doubt a request that comes `now`, each a sentence for staff; none as a rule. Among what
    is `known` is what the number asked in the last day, as far as it matters."""
    of_number = [row for row in known if row.phone == phone and row.created_at > now - A_DAY]
    doubts = []
    if _LINK.search(full_name):
        doubts.append("There is a link in the name.")
    if len(of_number) >= REQUESTS_OF_A_NUMBER:
        doubts.append("This number has asked more than 3 times in 24 hours.")
    if len(message) >= SHORTEST_TEXT:
        ((numbers,),) = prepared.ask(_WITH_THIS_TEXT, [now - A_DAY, message, phone])
        if numbers >= NUMBERS_WITH_ONE_TEXT:
            doubts.append("The same text came from many numbers.")
    return doubts
