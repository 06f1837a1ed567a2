"""The limitation clock: the statute's corners, each with its source, and dates as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.actions import answering, visiting
from callbacks.admin.time_limit import time_limit
from callbacks.limitation import (
    WARN_AT,
    Treated,
    clock,
    last_day,
    not_for_a_clock,
    read_date,
    working_day_before,
)
from tests.conftest import MONDAY

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("treated", "last", "court"),
    [
        # Limitation Act 1980, s.11(4): three years; the day itself does not count
        (date(2024, 3, 10), date(2027, 3, 10), date(2027, 3, 10)),
        # 29 February has no date three years on: the 28th, a Sunday, so the Friday before
        (date(2024, 2, 29), date(2027, 2, 28), date(2027, 2, 26)),
        # New Year's Day is a bank holiday: the Thursday before
        (date(2024, 1, 1), date(2027, 1, 1), date(2026, 12, 31)),
        # Christmas Day, a Saturday, and its weekend: back to Friday the 24th
        (date(2024, 12, 27), date(2027, 12, 27), date(2027, 12, 24)),
        # Easter Monday 2027: over Good Friday to Thursday
        (date(2024, 3, 29), date(2027, 3, 29), date(2027, 3, 25)),
    ],
)
def test_the_claim_form_is_at_court_on_the_last_working_day_of_three_years(treated, last, court):
    assert last_day(treated) == last
    assert working_day_before(last) == court


@pytest.mark.parametrize(
    ("born", "treated", "last"),
    [
        # s.28 with s.38(2): under 18 at the act; read cautiously, the day before the 21st birthday
        (date(2007, 5, 1), date(2023, 6, 1), date(2028, 4, 30)),
        (date(2007, 5, 1), date(2025, 4, 30), date(2028, 4, 30)),  # the day before the 18th birthday
        (date(2007, 5, 1), date(2025, 5, 1), date(2028, 5, 1)),  # of age that day: three years
        (date(2008, 2, 29), date(2020, 1, 1), date(2029, 2, 27)),  # a birthday on 29 February
    ],
)
def test_time_does_not_run_against_a_child(born, treated, last):
    assert last_day(treated, born=born) == last


def test_a_birth_after_the_treatment_is_a_slip_and_makes_no_later_date():
    found = clock("1 June 2023", today=TODAY, born=date(2024, 1, 1))
    assert (found.last_day, found.basis) == (date(2026, 6, 1), "three years from 1 June 2023")


def test_the_childs_date_on_a_sunday_is_the_friday_before():
    found = clock("1 June 2023", today=TODAY, born=date(2007, 5, 1))
    assert (found.last_day, found.court_day) == (date(2028, 4, 30), date(2028, 4, 28))
    assert found.basis == "under 18 on 1 June 2023: the day before the 21st birthday"


@pytest.mark.parametrize(
    ("written", "first_day", "exactness"),
    [
        ("2024-03-10", date(2024, 3, 10), "day"),
        ("10/3/2024", date(2024, 3, 10), "day"),
        ("10.03.24", date(2024, 3, 10), "day"),
        ("10 - 3 - 2024", date(2024, 3, 10), "day"),
        ("12/3/2024", date(2024, 3, 12), "day"),  # the day first, as we write it
        ("10 March 2024", date(2024, 3, 10), "day"),
        ("the 10th of March, 2024", date(2024, 3, 10), "day"),
        ("March 10, 2024", date(2024, 3, 10), "day"),
        ("Sunday 10 Mar. 2024", date(2024, 3, 10), "day"),
        ("March 2023", date(2023, 3, 1), "month"),
        ("sometime in sept 2023", date(2023, 9, 1), "month"),
        ("3/2023", date(2023, 3, 1), "month"),
        ("2022", date(2022, 1, 1), "year"),
        ("about 2021 I think", date(2021, 1, 1), "year"),
        ("end of 2022", date(2022, 1, 1), "year"),
        ("summer 2022", date(2022, 6, 1), "year"),
        ("winter 2022", date(2022, 1, 1), "year"),
        # of several the earliest
        ("March 2022 and again in May 2023", date(2022, 3, 1), "month"),
        ("2023 or 2022", date(2022, 1, 1), "year"),
        ("March to May 2023", date(2023, 3, 1), "month"),
        ("November to January 2024", date(2023, 11, 1), "month"),
        ("10 or 11 March 2024", date(2024, 3, 1), "month"),
        # a day that there is not, or the month first: only the year is sure
        ("31/2/2024", date(2024, 1, 1), "year"),
        ("3/14/2024", date(2024, 1, 1), "year"),
        ("it may have been 2023", date(2023, 1, 1), "year"),
        ("it may have been March 2023", date(2023, 3, 1), "month"),
        # years of two figures
        ("March '23", date(2023, 3, 1), "month"),
        ("Nov 22", date(2022, 11, 1), "month"),
        ("12 March 23", date(2023, 3, 12), "day"),
        ("10-Mar-24", date(2024, 3, 10), "day"),
        ("03/24", date(2024, 3, 1), "month"),
        ("in ’22", date(2022, 1, 1), "year"),
        ("10/3/98", date(1998, 3, 10), "day"),
        # never later than it may have been, whatever stands beside
        ("12th March 23 and again May 2024", date(2023, 3, 12), "day"),
        ("March 23 and again in May 2024", date(2023, 3, 1), "month"),
        ("3/24, then 2025", date(2024, 3, 1), "month"),
        ("10/3/98 and again 2024", date(1998, 3, 10), "day"),
        ("march to may 2023", date(2023, 3, 1), "month"),
        ("november to january 2024", date(2023, 11, 1), "month"),
        ("31 december - 2 january 2023", date(2022, 12, 1), "month"),
        ("28/2 or 1/3/2024", date(2024, 2, 1), "month"),
        ("spring/summer 2023", date(2023, 3, 1), "month"),
        ("summer or October 2023", date(2023, 6, 1), "month"),
    ],
)
def test_what_people_write_is_read_as_its_first_possible_day(written, first_day, exactness):
    assert read_date(written, today=TODAY) == Treated(first_day, exactness)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "last year",
        "two years ago",
        "I do not remember",
        "March 2027",
        "10 March",
        "March 23rd",
        "May 30",
        "1234",
        "07700 900 982",
        "1066",
    ],
)
def test_what_cannot_be_read_or_has_not_come_has_no_clock(written):
    assert read_date(written, today=TODAY) is None
    assert clock(written, today=TODAY) is None


def test_the_basis_says_what_was_taken_for_the_day():
    assert clock("10 March 2024", today=TODAY).basis == "three years from 10 March 2024"
    assert clock("2024", today=TODAY).basis == (
        "three years from 1 January 2024, the first day that it can have been"
    )


@pytest.mark.parametrize(
    ("days", "warning"),
    [(121, None), (120, 120), (91, 120), (90, 90), (31, 60), (30, 30), (10, 10), (1, 10), (0, 10), (-5, 10)],
)
def test_it_warns_at_its_days(days, warning):
    found = clock("10 March 2024", today=TODAY)
    today = found.court_day - timedelta(days=days)
    assert found.days_left(today) == days
    assert found.warning(today) == warning


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("A clinic in Istanbul", "Treatment abroad"),
        ("Edinburgh Example Clinic", "Scotland has its own law"),
        ("in Belfast", "Northern Ireland has its own law"),
        ("Breast implants", "An implant or another product"),
        ("my late husband", "A death"),
        ("She is deceased", "A death"),
        ("in İstanbul", "Treatment abroad"),
        ("a hospital in Budapest", "Treatment abroad"),
        ("lack of capacity", "Somebody who cannot decide for themselves"),
        ("I write for my mother, who lacks capacity", "Somebody who cannot decide for themselves"),
    ],
)
def test_what_the_rules_have_no_date_for_is_named(written, why):
    assert why in not_for_a_clock(written)


def test_an_ordinary_story_has_a_clock():
    assert (
        not_for_a_clock("Thread lift", "Some Clinic, Leeds", "It still hurts, and I was told to wait.") == []
    )


@given(st.dates(date(1960, 1, 1), date(2026, 11, 24)))
def test_the_courts_day_is_a_working_day_and_never_after_the_last(treated):
    last = last_day(treated)
    court = working_day_before(last)
    assert last - timedelta(days=5) <= court <= last
    assert court.weekday() < 5
    assert (last.year, last.month) == (treated.year + 3, treated.month)


@given(st.text(max_size=60))
def test_whatever_is_written_it_is_read_or_not_and_never_fails(written):
    treated = read_date(written, today=TODAY)
    assert treated is None or treated.first_day <= TODAY


def test_the_days_of_warning_are_in_order():
    assert list(WARN_AT) == sorted(WARN_AT, reverse=True) == [120, 90, 60, 30, 10]


# On the page of a request


@pytest.mark.parametrize(
    ("given", "today", "words", "warns"),
    [
        (
            {"procedure_date": "10 March 2024"},
            date(2026, 11, 24),
            "The claim form should be at court by Wednesday 10 March 2027, in 106 days.",
            True,
        ),
        (
            {"procedure_date": "10 March 2024"},
            date(2026, 11, 1),
            "The claim form should be at court by Wednesday 10 March 2027, in 129 days.",
            False,
        ),
        (
            {"procedure_date": "10 March 2024"},
            date(2027, 3, 10),
            "The claim form should be at court by Wednesday 10 March 2027, today.",
            True,
        ),
        (
            {"procedure_date": "10 March 2024"},
            date(2027, 3, 11),
            "Wednesday 10 March 2027 may have passed: a solicitor must look.",
            True,
        ),
        ({"procedure_date": "no idea"}, TODAY, "No date that can be read. Ask when it was.", False),
        (
            {"procedure_date": "2024", "clinic": "in Istanbul"},
            TODAY,
            "A solicitor must look: there is no simple date.",
            True,
        ),
    ],
)
@pytest.mark.django_db
def test_the_page_says_what_is_known_and_never_too_late(asked, given, today, words, warns):
    said = time_limit([asked(**given)], today)
    assert (said.words, said.warns) == (words, warns)


@pytest.mark.django_db
def test_the_earliest_date_that_a_person_gave_counts(asked):
    first = asked(procedure_date="March 2024")
    second = asked(procedure_date="2025", message="again")
    third = asked(procedure_date="10/3/2024", message="and again")
    assert time_limit([second, first, third], TODAY).basis == (
        "three years from 1 March 2024, the first day that it can have been"
    )


@pytest.mark.django_db
def test_the_page_says_it_is_to_be_confirmed_and_hides_it_with_the_story(asked, anna, client):
    request = asked(procedure_date="10 March 2024")
    client.force_login(anna)
    address = f"/admin/callbacks/callbackrequest/{request.pk}/change/"
    page = client.get(address).content.decode()
    assert "Three years from 10 March 2024." in page
    assert "To be confirmed by a solicitor." in page
    type(request).objects.update(conflict_since=request.created_at, status="conflict_check")
    page = client.get(address).content.decode()
    assert ("Three years" in page, "Time limit" in page) == (False, False)


@pytest.mark.django_db
def test_a_place_abroad_takes_the_date_away_wherever_they_told_of_it(asked, anna):
    beside, answered, added = (
        asked(full_name=name, procedure_date="March 2024", clinic="Oak Lane")
        for name in ("A B", "C D", "E F")
    )
    type(beside).objects.filter(pk=beside.pk).update(procedure_date="March 2024, in Turkey")
    given = {"by": anna, "now": MONDAY, "edits": 0}
    answering.write(pk=answered.pk, question="What was done?", text="Threads, in Prague", **given)
    visiting.add(pk=added.pk, by=None, now=MONDAY, text="It was in Belfast.")
    for request in (beside, answered, added):
        request.refresh_from_db()
        assert time_limit([request], TODAY).words == "A solicitor must look: there is no simple date."
    assert (answered.limitation_day, added.limitation_day) == (None, None)
