"""Reads telephone numbers in any writing that people use, and writes them for people to read."""

import re
from dataclasses import dataclass
from unicodedata import decimal, normalize

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

HOME = "GB"
HOME_PREFIX = "+44"  # Jersey, Guernsey and the Isle of Man have it too, and keep the same time

ENTER_A_NUMBER = "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
ADD_THE_AREA_CODE = "Add the area code, like 01632 960 001"

FEWEST_DIGITS, MOST_DIGITS = 8, 15  # the most is E.164's own

# After its prefix no British number begins with nought; and a mobile with one digit too few, the
# commonest slip, would cost its owner the call.
_NEVER_ANSWERED = re.compile(r"\+44(0\d*|7\d{8})")


# Dialled before a number to have Relay UK on the line.
_TEXT_RELAY = re.compile(r"^1800[12](?=\d{8})")


@dataclass(frozen=True)
class Telephone:
    """A number to dial, in E.164, and what the person typed, with the extension if there is one."""

    e164: str
    typed: str


def parse(typed: str) -> Telephone:
    """Read the number in `typed`: of the United Kingdom, unless it says otherwise.

    Words around a number do no harm; of two numbers the first counts; an extension stays in `typed`
    only, since E.164 has none. Raises ValueError, with the sentence that the person reads, when
    there is no number that could be dialled. Whether it is in service is not asked:
    libphonenumber's `is_valid_number` refuses the numbers that Ofcom keeps for drama, and new
    ranges until its next edition.
    """
    runs = _runs(typed)
    # The second look is for two numbers with no word between them.
    parts = [part for run in runs for part in re.split(r"[,/&|]|(?=\+)|\s(?=0\d\d)", run)]
    for digits in (*runs, *parts):
        if number := _dialled(digits):
            return Telephone(_e164(number), typed)
    if max((len(_digits(run)) for run in runs), default=0) in (6, 7):
        raise ValueError(ADD_THE_AREA_CODE)
    raise ValueError(ENTER_A_NUMBER)


def readable(e164: str) -> str:
    """Write `e164` as people do: "020 7946 0958" at home, "+353 87 123 4567" from abroad."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164  # an erased number is empty
    return phonenumbers.format_number(
        number, PhoneNumberFormat.INTERNATIONAL if is_foreign(e164) else PhoneNumberFormat.NATIONAL
    )


def last_three(e164: str) -> str:
    """Return what a receipt may show of a number: enough to recognise one's own by."""
    return e164[-3:]


def is_foreign(e164: str) -> bool:
    """Tell whether times are to be marked "UK time" for whoever has this number."""
    return bool(e164) and not e164.startswith(HOME_PREFIX)


def digits_for_search(text: str) -> str:
    """Return the digits to look for, at the end of an E.164 number, when staff type `text`.

    A whole number loses its prefix (0, +44, 0044, 00); up to six digits are the last ones of a
    number, and stay as they are. Empty when `text` has no digit.
    """
    try:
        return parse(text).e164.removeprefix(HOME_PREFIX).removeprefix("+")
    except ValueError:
        digits = _digits(_plain(text))
    return (digits.lstrip("0") or digits) if len(digits) > 6 else digits


def stands_in(text: str, e164: str) -> bool:
    """Whether a line of a text holds the number, in whatever writing."""
    dialled = e164.removeprefix("+44").removeprefix("+")
    return any(dialled in _digits(_plain(line)) for line in text.splitlines())


def _plain(text: str) -> str:
    # Letter by letter: digits of every script, full-width and other compatible forms. Then noughts
    # typed as the letter O.
    text = "".join(str(decimal(each, "")) or normalize("NFKC", each) for each in text)
    return re.sub(
        r"(?<=\d)[oO]+(?![^\W\d_])|(?<![^\W\d_])[oO]+(?=\d\d)",
        lambda noughts: "0" * len(noughts[0]),
        text,
    )


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _runs(typed: str) -> list[str]:
    """Cut `typed` at words: "Home 01632 960001 ext 12" holds two runs of digits."""
    return [run for run in re.split(r"[^\W\d_]+|[;#]", _plain(typed)) if _digits(run)]


def _dialled(run: str) -> PhoneNumber | None:
    """Return the number that a run of digits dials, or None when no exchange would take it."""
    digits = _TEXT_RELAY.sub("", _digits(run))
    if len(digits) < FEWEST_DIGITS:
        return None
    # "+0044 …" and "+07700 …" mean what they say without their plus.
    if re.match(r"[^0-9]*\+", run) and not digits.startswith("0"):
        readings = [f"+{digits}"]
    elif digits.startswith("0"):  # America dials 011 where we dial 00
        readings = [digits, f"+{digits[3:]}"] if digits.startswith("011") else [digits]
    else:  # "7700 900982" lacks its nought, "353 87 123 4567" its plus
        readings = [digits, f"+{digits}"]
    for reading in readings:
        try:
            number = phonenumbers.parse(reading, HOME)
        except phonenumbers.NumberParseException:
            continue
        if _is_plausible(number):
            return number
    return None


def _is_plausible(number: PhoneNumber) -> bool:
    e164 = _e164(number)
    return (
        phonenumbers.is_possible_number(number)
        and len(e164) <= len("+") + MOST_DIGITS
        and not _NEVER_ANSWERED.fullmatch(e164)
    )


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
