"""By when a claim must be at court: an alert to staff, to be confirmed by a solicitor, never advice.

Pure: it takes what people wrote and `today`, in London, and asks no clock and no database. What it
cannot know it says. The rules are those of the Limitation Act 1980 for personal injury in England
and Wales, read cautiously: nothing here ever makes a date later than the law may.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from callbacks.hours import is_bank_holiday
from callbacks.names import plain

YEARS = 3  # section 11(4): from the act, or from the date of knowledge if that is later
OF_AGE = 18  # section 28, with section 38(2): time does not run against a child
WARN_AT = (120, 90, 60, 30, 10)  # days before
EARLIEST_YEAR = 1950  # what is written with an earlier one is no date of a treatment

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 1}  # a winter may begin with its year

# What these rules have no date for, by the words that tell of it.
NOT_FOR_A_CLOCK = {
    "Treatment abroad": "abroad overseas turkey turkish turkiye istanbul antalya izmir poland warsaw "
    "wroclaw lithuania kaunas vilnius latvia riga prague czech hungary budapest romania bucharest bulgaria "
    "albania tirana greece athens cyprus spain marbella barcelona portugal lisbon france paris belgium "
    "brussels germany italy milan switzerland croatia serbia tunisia morocco egypt cairo dubai india "
    "pakistan thailand bangkok korea brazil colombia mexico dominican_republic usa miami ireland "
    "dublin",
    "Scotland has its own law": "scotland scottish glasgow edinburgh aberdeen dundee inverness",
    "Northern Ireland has its own law": "northern_ireland n_ireland belfast derry londonderry",
    "An implant or another product": "implant implants breast_augmentation breast_enlargement prosthesis",
    "Somebody who cannot decide for themselves": "lacks_capacity lack_of_capacity mental_capacity dementia "
    "power_of_attorney deputy",
    "A death": "died death deceased passed_away late_husband late_wife late_mother late_father late_son "
    "late_daughter",
}

_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_SHORT_YEAR = r"['’‘]?(?P<year>(?:19|20)?\d\d)(?!\d)"
_TH = r"(?:st|nd|rd|th)?"

# How people write dates, the most exact writing first.
_WRITINGS = [
    re.compile(writing, re.IGNORECASE)
    for writing in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)(?!\d)",  # 2024-03-10
        r"(?<!\d)(?P<day>\d\d?)\s*[/.-]\s*(?P<month>\d\d?)\s*[/.-]\s*(?P<year>(?:19|20)?\d\d)(?!\d)",
        # 10th of March, 2024; 10-Mar-24
        rf"(?<!\d)(?P<day>\d\d?){_TH}[\s/.-]+(?:of\s+)?{_NAME}[\s,/.-]*{_SHORT_YEAR}",
        rf"\b{_NAME}\s*(?P<day>\d\d?){_TH}[\s,]+{_YEAR}",  # March 10, 2024
        rf"\b{_NAME}[\s,]*(?:of\s+)?{_YEAR}",  # March 2023
        rf"\b{_NAME}\s*(?:['’‘](?P<year>\d\d)|(?P<later>1[3-9]|[2-9]\d))(?!\d|st|nd|rd|th)",  # March 23
        rf"(?<!\d)(?P<month>\d\d?)\s*[/.]\s*{_YEAR}",  # 3/2023
        r"(?<![\d/])(?P<month>0?[1-9]|1[0-2])/(?P<year>1[3-9]|[2-9]\d)(?![\d/])",  # 3/24
        rf"\b(?P<season>spring|summer|autumn|winter)[\s,]*(?:of\s+)?{_YEAR}",
        rf"(?<!\d){_YEAR}",
        r"['’‘](?P<year>\d\d)(?!\d)",
    )
]

# Months and seasons beside a date. "It may have been" and "a march" are none: those two have a capital, or
# stand before what joins them to another. And 28/2 beside 1/3/2024.
_OTHERS = re.compile(
    r"\b(?:(?i:(jan|feb|apr|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|winter))[a-z]*"
    r"|(Mar|May)[a-z]*|(?i:(mar)(?:ch)?|(may))(?=\s*(?:[-–/,&]|(?:to|or|and|till|until)\b)))"
)
_OTHER_DAYS = re.compile(r"(?<!\d)\d\d?\s*[/.]\s*(0?[1-9]|1[0-2])(?!\d)")


@dataclass(frozen=True)
class Treated:
    """When somebody was treated: the first day that it can have been, and how exactly it is known
    ("day", "month" or "year")."""

    first_day: date
    exactness: str


@dataclass(frozen=True)
class Clock:
    """The last day by the statute, the day by which the court should have the claim form, and why."""

    last_day: date
    court_day: date
    basis: str

    def days_left(self, today: date) -> int:
        """From `today` to the court's day; none or fewer once it may have passed."""
        return (self.court_day - today).days

    def warning(self, today: date) -> int | None:
        """The nearest of the days at which to warn that has come: 30 with 21 days left; else None."""
        come = [days for days in WARN_AT if self.days_left(today) <= days]
        return come[-1] if come else None


def clock(written: str, *, today: date, born: date | None = None) -> Clock | None:
    """The clock of a treatment whose date somebody wrote ("March 2023"); None when it cannot be read.

    Later knowledge (section 14) is left out: it can only make the date later. `born` counts where
    the person was under 18 on the day.
    """
    treated = read_date(written, today=today)
    if treated is None:
        return None
    last = last_day(treated.first_day, born=born)
    return Clock(last, working_day_before(last), _basis(treated, born))


def read_date(written: str, *, today: date) -> Treated | None:
    """Read the date of a treatment as people write it, day before month; of several the earliest.

    What is approximate counts as its first possible day. None for what cannot be read, and for what
    has not come yet.
    """
    found, rest = _dates_in(written)
    known = [treated for treated in found if treated.first_day.year >= EARLIEST_YEAR]
    past = [each for each in (_cautious(treated, rest) for treated in known) if each.first_day <= today]
    return min(past, key=lambda treated: treated.first_day, default=None)


def last_day(treated: date, *, born: date | None = None) -> date:
    """The last day by the statute: the same date three years on, the day itself not counted (Marren v
    Dawson Bentley, 1961), 29 February becoming the 28th; for a child the day before the 21st birthday."""
    if born and _is_under_age(treated, born):
        return _years_on(born, OF_AGE + YEARS) - timedelta(days=1)
    return _years_on(treated, YEARS)


def working_day_before(day: date) -> date:
    """The day itself if the court is open, else the working day before: the court must have the claim
    form in time (CPR 7.5 and Practice Direction 7A), and nobody relies on a day of grace."""
    while day.weekday() >= 5 or is_bank_holiday(day):
        day -= timedelta(days=1)
    return day


def not_for_a_clock(*written: str) -> list[str]:
    """What in these words the rules have no date for, so that a solicitor must look."""
    words = " " + " ".join(re.findall(r"\w+", plain(" ".join(written)))) + " "
    return [
        why
        for why, telling in NOT_FOR_A_CLOCK.items()
        if any(f" {each.replace('_', ' ')} " in words for each in telling.split())
    ]


def _dates_in(written: str) -> tuple[list[Treated], str]:
    """Each date in what was written, and the rest of it."""
    found = []
    for writing in _WRITINGS:
        found += [_treated(match.groupdict()) for match in writing.finditer(written)]
        written = writing.sub(" ", written)
    return found, written


def _treated(given: dict[str, str | None]) -> Treated:
    year = int(given["year"] or given.get("later") or 0)
    year += 0 if year >= 100 else 2000 if year < 50 else 1900
    month = int(given.get("month") or 0) or _month_named(given.get("name")) or SEASONS.get(_season(given), 0)
    day = int(given.get("day") or 0)
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:  # 31/2/2024, or the month first: then only the year is sure
        return Treated(date(year, 1, 1), "year")
    return Treated(first, "day" if day else "month" if month and not _season(given) else "year")


def _months_in(rest: str) -> list[int]:
    names = ["".join(found).lower() for found in _OTHERS.findall(rest)]
    found = [SEASONS.get(name) or _month_named(name) for name in names]
    return found + [int(month) for month in _OTHER_DAYS.findall(rest)]


def _month_named(name: str | None) -> int:
    return MONTHS.index(name[:3].lower()) + 1 if name else 0


def _season(given: dict[str, str | None]) -> str:
    return (given.get("season") or "").lower()


def _cautious(treated: Treated, rest: str) -> Treated:
    """Heed what is written beside the date: "10 or 11 March 2024" may be any day of the month, and
    "November to January 2024" began in November."""
    first = treated.first_day
    if treated.exactness == "year" and first.month == 1:
        return treated
    if months := _months_in(rest):
        earlier = [date(first.year - (month > first.month), month, 1) for month in months]
        return Treated(min(earlier), "month")
    if treated.exactness == "day" and re.search(r"\d", rest):
        return Treated(first.replace(day=1), "month")
    return treated


def _is_under_age(treated: date, born: date | None) -> bool:
    """Whether they were under 18 on that day. A birth after it is a slip of the pen, and tells nothing."""
    return born is not None and born < treated < _years_on(born, OF_AGE)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _basis(treated: Treated, born: date | None) -> str:
    day = f"{treated.first_day.day} {treated.first_day:%B %Y}"
    if _is_under_age(treated.first_day, born):
        return f"under 18 on {day}: the day before the 21st birthday"
    if treated.exactness == "day":
        return f"three years from {day}"
    return f"three years from {day}, the first day that it can have been"
