"""What the reports count, what was promised when the first call was made, and how it is drawn."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks import hours
from callbacks.actions import desk, keeping, sorting, undoing, visiting
from callbacks.admin.drawing import Bar, Column, Part, bars, columns
from callbacks.models import CallbackRequest
from callbacks.models import EventKind as Kind
from callbacks.promises import Step, first_call
from callbacks.reports import Report, report
from callbacks.states import Outcome
from tests.client import Client
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REPORTS = "/admin/callbacks/callbackrequest/reports/"


def called(request, who, after: timedelta) -> None:
    at = MONDAY + after
    desk.claim(pk=request.pk, by=who, now=at)
    desk.call(pk=request.pk, by=who, now=at)
    desk.no_answer(pk=request.pk, by=who, now=at + MINUTE)


def found(now=MONDAY + 7 * HOUR, days: int = 28) -> Report:
    return report(hours.DEFAULT, days=days, now=now)


def in_time(now=MONDAY + 7 * HOUR) -> tuple[int, int]:
    """Of whose time has come: how many were called in time, and how many not."""
    result = found(now)
    return result.in_time, result.judged - result.in_time


def waits(result: Report) -> list[int]:
    return [wait.people for wait in result.waits]


def counts(part) -> list[tuple[str, int]]:
    return [(count.name, count.people) for count in part]


# In time


def test_called_in_time_is_by_what_was_promised(asked, anna):
    kept, late, never = (asked(full_name=name) for name in ("In time", "Late", "Never"))
    called(kept, anna, 30 * MINUTE)
    called(late, anna, 5 * HOUR)
    assert never.promised_by < MONDAY + 7 * HOUR
    assert in_time() == (1, 2)


def test_a_call_at_the_very_moment_of_the_promise_is_in_time(asked, anna):
    request = asked()
    called(request, anna, request.promised_by - MONDAY)
    assert in_time() == (1, 0)


def test_a_call_a_minute_after_the_promise_is_late(asked, anna):
    request = asked()
    called(request, anna, request.promised_by - MONDAY + MINUTE)
    assert in_time() == (0, 1)


def test_whose_time_has_not_come_counts_neither_way(asked):
    asked(wanted_at=MONDAY + DAY)
    assert in_time() == (0, 0)


def test_who_cancels_before_the_promise_was_not_let_down(asked):
    visiting.cancel(pk=asked().pk, by=None, now=MONDAY + 10 * MINUTE)
    assert in_time() == (0, 0)


def test_who_cancels_after_the_promise_was_let_down(asked):
    visiting.cancel(pk=asked().pk, by=None, now=MONDAY + 6 * HOUR)
    assert in_time() == (0, 1)


def test_whoever_rings_us_before_the_promise_was_spoken_to_in_time(asked, anna):
    desk.they_rang(pk=asked().pk, by=anna, now=MONDAY + 5 * MINUTE)
    assert in_time() == (1, 0)


@pytest.mark.parametrize(
    ("again_at", "is_in_time"), [(None, (0, 1)), (3 * HOUR + 5 * MINUTE, (1, 0)), (4 * HOUR, (0, 1))]
)
def test_a_call_in_vain_before_the_half_hour_they_chose_does_not_keep_it(asked, anna, again_at, is_in_time):
    request = asked(wanted_at=MONDAY + 3 * HOUR)
    called(request, anna, HOUR)
    if again_at:
        called(request, anna, again_at)
    assert in_time() == is_in_time
    assert waits(found())[:4] == [0, 0, 1, 0]  # the first call was within the hour all the same


def test_who_was_reached_before_the_half_hour_they_chose_was_called_in_time(asked, anna):
    request = asked(wanted_at=MONDAY + 3 * HOUR)
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY + MINUTE)
    assert in_time() == (1, 0)


def test_a_call_in_the_half_hour_they_chose_first_keeps_that_whatever_they_chose_since(asked, anna):
    request = asked(wanted_at=MONDAY + 3 * HOUR)
    called(request, anna, 3 * HOUR)
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY + 4 * HOUR, wanted_at=MONDAY + DAY)
    assert in_time() == (1, 0)


def test_every_week_of_the_period_has_its_line(asked, anna):
    called(asked(), anna, 5 * MINUTE)
    called(asked(full_name="Before", at=MONDAY - 14 * DAY), anna, 10 * MINUTE)
    weeks = [(week.monday, week.in_time, week.late) for week in found().weeks]
    assert weeks == [
        (date(2026, 10, 26), 0, 0),
        (date(2026, 11, 2), 0, 0),
        (date(2026, 11, 9), 0, 1),
        (date(2026, 11, 16), 0, 0),
        (date(2026, 11, 23), 1, 0),
    ]


# What was promised at the time of the first call


def test_a_promise_that_moved_after_the_first_call_is_the_one_before(asked, anna):
    request = asked()
    called(request, anna, 5 * HOUR)  # late by what was promised
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY + 6 * HOUR, wanted_at=MONDAY + DAY)
    assert in_time() == (0, 1)


def test_a_promise_that_moved_before_the_first_call_is_the_one_that_holds(asked, anna):
    request = asked()
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY + MINUTE, wanted_at=MONDAY + DAY)
    called(request, anna, DAY)
    assert in_time(MONDAY + DAY + HOUR) == (1, 0)


def test_what_the_desk_alone_put_off_was_promised_all_the_same(asked, anna):
    """Called when the desk had set itself to call, and after what they had been told."""
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=MONDAY + 5 * HOUR)
    called(request, anna, 5 * HOUR)
    assert in_time() == (0, 1)


def test_nor_does_a_time_agreed_after_such_a_call_make_it_good(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call_again(pk=request.pk, by=anna, now=MONDAY, at=MONDAY + 5 * HOUR)
    called(request, anna, 5 * HOUR)
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY + 6 * HOUR, at=MONDAY + DAY)
    assert in_time() == (0, 1)


def test_a_second_request_of_a_person_moves_the_promise_of_the_first(asked, anna):
    asked()
    second = asked(at=MONDAY + MINUTE, message="Again", wanted_at=MONDAY + DAY)
    called(second, anna, DAY)
    assert (found().people, in_time(MONDAY + DAY + HOUR)) == (1, (1, 0))


def test_who_was_set_apart_was_promised_a_call_from_the_start(asked, anna):
    request = asked(set_apart_because="Doubtful.")
    sorting.make_real(pk=request.pk, by=anna, now=MONDAY + 5 * HOUR)
    called(request, anna, 5 * HOUR)
    assert in_time() == (0, 1)


def test_who_was_given_up_and_gives_another_number_has_another_promise_and_an_old_call(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY + 5 * HOUR)
    desk.call(pk=request.pk, by=anna, now=MONDAY + 5 * HOUR)
    desk.wrong_number(pk=request.pk, by=anna, now=MONDAY + 5 * HOUR)
    visiting.correct_number(pk=request.pk, by=None, now=MONDAY + 6 * HOUR, typed="01632 960 002")
    request.refresh_from_db()
    assert request.promised_by > MONDAY + 6 * HOUR
    assert in_time() == (0, 1)


def test_what_was_taken_back_promised_nothing(asked, anna):
    request = asked()
    desk.agree_another_time(pk=request.pk, by=anna, now=MONDAY, at=MONDAY + DAY)
    undoing.undo(pk=request.pk, by=anna, now=MONDAY + timedelta(seconds=20))
    called(request, anna, 5 * HOUR)
    visiting.choose_time(pk=request.pk, by=None, now=MONDAY + 6 * HOUR, wanted_at=MONDAY + DAY)
    assert in_time() == (0, 1)


def at(hour: int) -> datetime:
    return datetime(2026, 11, 23, hour, tzinfo=UTC)


CALLED = Step(Kind.CALLING, at(13))
MOVED = Step(Kind.OTHER_TIME, at(15), at(12), "visitor")


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        ([], (None, at(17))),
        ([MOVED], (None, at(17))),
        ([CALLED], (at(13), at(17))),
        ([CALLED, Step(Kind.NO_ANSWER, at(13), at(10))], (at(13), at(17))),
        ([CALLED, Step(Kind.NO_ANSWER, at(13), at(10)), MOVED], (at(13), at(10))),
        ([Step(Kind.CALL_AGAIN, at(9), at(10)), CALLED, MOVED], (at(13), at(10))),
        ([Step(Kind.OTHER_TIME, at(9), at(10)), CALLED, MOVED], (at(13), at(12))),
        ([CALLED, Step(Kind.THEY_RANG, at(14))], (at(13), at(17))),
        # The desk's correcting a number promises nothing, the visitor's own does.
        ([CALLED, Step(Kind.NUMBER_CORRECTED, at(14), at(10))], (at(13), at(17))),
        ([CALLED, Step(Kind.NUMBER_CORRECTED, at(14), at(10), "visitor")], (at(13), at(10))),
        ([CALLED, Step(Kind.CLOSED, at(14), at(10)), Step(Kind.REOPENED, at(15))], (at(13), at(17))),
    ],
)
def test_the_promise_at_the_first_call_is_read_from_what_moved_it(steps, first):
    assert first_call(steps, promised_by=at(17)) == first


# Time to the first call


def test_time_to_the_first_call_is_opening_time(asked, anna):
    friday = MONDAY - timedelta(days=3) + 7 * HOUR  # 17:00
    called(asked(at=friday), anna, timedelta())
    result = found()
    assert (result.middle, result.ninth_of_ten) == (30 * MINUTE + HOUR, 30 * MINUTE + HOUR)
    assert waits(result) == [0, 0, 0, 1, 0, 0, 0, 0]


def test_the_middle_and_the_ninth_of_ten(asked, anna):
    for number in range(1, 11):
        called(asked(full_name=f"Number {number}"), anna, number * 10 * MINUTE)
    result = found()
    assert (result.middle, result.ninth_of_ten) == (50 * MINUTE, 90 * MINUTE)
    assert waits(result) == [1, 2, 3, 4, 0, 0, 0, 0]


def test_at_a_boundary_a_wait_is_within_and_who_had_no_call_stands_apart(asked, anna):
    called(asked(), anna, 15 * MINUTE)
    called(asked(full_name="Slow", at=MONDAY - 3 * DAY), anna, 15 * MINUTE)
    asked(full_name="None")
    assert waits(found()) == [1, 0, 0, 0, 0, 0, 1, 1]


def test_when_they_rang_counts_not_when_it_was_typed(asked, anna):
    request = asked()
    CallbackRequest.objects.filter(pk=request.pk).update(channel="telephone", rang_at=MONDAY - HOUR)
    called(request, anna, timedelta())
    result = found()
    assert (result.middle, result.by_hour[9], result.by_hour[10]) == (HOUR, 1, 0)


def test_of_nobody_called_there_is_no_middle(asked):
    asked()
    result = found()
    assert (result.middle, result.ninth_of_ten) == (None, None)


# Who counts, and as what


def test_a_call_that_was_taken_back_is_still_a_call_and_its_outcome_is_not(asked, anna):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.call(pk=request.pk, by=anna, now=MONDAY)
    desk.spoke(pk=request.pk, by=anna, now=MONDAY)
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    undoing.undo(pk=request.pk, by=anna, now=MONDAY)
    result = found()
    assert (counts(result.outcomes), result.still_open, waits(result)[0]) == ([], 1, 1)


def test_spam_duplicates_and_what_is_set_apart_are_left_out_and_a_person_counts_once(asked, anna):
    asked(), asked(message="Again")
    asked(full_name="Apart", set_apart_because="Doubtful.")
    for outcome in (Outcome.SPAM, Outcome.DUPLICATE):
        desk.close(pk=asked(full_name=outcome).pk, by=anna, now=MONDAY, outcome=outcome)
    assert found().people == 1


def test_outcomes_are_counted_the_most_first_and_what_is_open_apart(asked, anna):
    for number, outcome in enumerate([Outcome.WITHDRAWN, Outcome.TAKEN_ON, Outcome.TAKEN_ON]):
        desk.close(pk=asked(full_name=f"Number {number}").pk, by=anna, now=MONDAY, outcome=outcome)
    asked(full_name="Open")
    result = found()
    assert counts(result.outcomes) == [("Taken on", 2), ("Withdrawn by the client", 1)]
    assert result.still_open == 1


def test_who_could_not_be_reached_is_an_outcome_of_time_itself(asked, anna):
    request = asked()
    for after in (HOUR, DAY, 2 * DAY):
        CallbackRequest.objects.filter(pk=request.pk).update(due_from=None)
        called(request, anna, after)
    assert keeping.give_up(now=MONDAY + 20 * DAY) == 1
    assert counts(found(MONDAY + 20 * DAY).outcomes) == [("Could not be reached", 1)]


def test_who_asked_on_no_page_is_counted_by_how_they_came(asked):
    asked()
    CallbackRequest.objects.filter(pk=asked(full_name="Front").pk).update(page="/")
    for channel in ("telephone", "visit"):
        came = CallbackRequest.objects.filter(pk=asked(full_name=channel).pk)
        came.update(page="", channel=channel, rang_at=MONDAY)
    result = found()
    assert sorted(counts(result.pages)) == [
        ("/ (front page)", 1),
        ("/guides/botched-thread-lift/", 1),
        ("No page: telephone", 1),
        ("No page: visit", 1),
    ]
    assert result.pages_known == 2


def test_the_rarest_pages_stand_together(asked):
    for number in range(14):
        CallbackRequest.objects.filter(pk=asked(full_name=f"Number {number}").pk).update(page=f"/{number}/")
    pages = counts(found().pages)
    assert (len(pages), pages[-1]) == (13, ("Other pages", 2))


def test_the_hour_they_asked_is_london_s_in_summer_too(asked):
    july = datetime(2026, 7, 6, 9, 30, tzinfo=UTC)
    asked(at=july)
    by_hour = found(july + HOUR).by_hour
    assert [(hour, people) for hour, people in enumerate(by_hour) if people] == [(10, 1)]


def test_the_hours_in_which_the_desk_is_open(asked):
    assert found().open_hours == set(range(9, 18))


def test_the_period_is_so_many_days_in_london_today_the_last(asked):
    first_moment = datetime(2026, 11, 17, 0, 0, tzinfo=LONDON)
    asked(at=first_moment)
    asked(full_name="Before", at=first_moment - MINUTE)
    result = found(days=7)
    assert (result.since, result.until, result.people) == (date(2026, 11, 17), date(2026, 11, 23), 1)


# The days that lie ahead


def test_the_load_is_by_the_day_on_which_calls_fall_due(asked):
    asked()
    asked(full_name="Two", wanted_at=MONDAY + DAY)
    asked(full_name="Two", message="Again", at=MONDAY + MINUTE, wanted_at=MONDAY + DAY)
    load = [(each.day.day, each.due, each.room) for each in found(now=MONDAY).load]
    assert load[:2] == [(23, 1, 60), (24, 1, 68)]
    assert load[5:] == [(28, 0, 0), (29, 0, 0)]


def test_what_is_overdue_is_no_load_of_today(asked):
    asked()
    result = found(now=MONDAY + 7 * HOUR)
    assert (result.overdue, result.load[0].due) == (1, 0)


def test_what_a_solicitor_decides_is_no_call(asked, anna):
    request = asked()
    called(request, anna, timedelta())
    CallbackRequest.objects.update(due_from=None)
    desk.claim(pk=request.pk, by=anna, now=MONDAY + HOUR)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY + HOUR)
    assert sum(each.due for each in found(now=MONDAY + HOUR).load) == 0


# The page


@pytest.fixture
def managing(maya, client) -> Client:
    client.force_login(maya)
    return client


@pytest.mark.parametrize(("days", "words"), [(7, "7 days"), (28, "28 days"), (365, "12 months")])
def test_nobody_asked(managing, days, words):
    html = managing.get(f"{REPORTS}?days={days}").content.decode()
    assert f"Nobody asked in these {words}." in html
    assert html.count('role="img"') == 1  # what lies ahead


@pytest.mark.parametrize("days", ["", "x", "27", "-1", "99999999999", "７"])
def test_a_period_that_is_not_on_offer_is_the_usual_one(managing, days):
    assert managing.get(REPORTS, {"days": days}).context["days"] == 28


def test_each_drawing_has_a_title_and_a_table_of_the_same_numbers(managing, asked, anna):
    now = timezone.now()
    asked(at=now)
    asked(full_name="Late", at=now - 2 * DAY)
    html = managing.get(REPORTS).content.decode()
    sections = re.findall(r'<section class="figure" .*?</section>', html, re.DOTALL)
    assert len(sections) == 6
    for section in sections:
        name = re.search(r'<h2 id="([^"]+)"', section)[1]
        assert f'aria-labelledby="{name}-drawn"' in section
        assert f'<title id="{name}-drawn">' in section
        assert (section.count('role="img"'), section.count("<table"), section.count("<caption")) == (1, 1, 1)
        drawn = set(re.findall(r'<text class="value[^"]*"[^>]*>([^<]+)</text>', section))
        told = set(re.findall(r"<td>([^<]*)</td>", section))
        assert {word for words in drawn for word in words.split(" of ")} <= told
    assert "style=" not in html


def test_the_page_says_in_sentences_what_it_shows(managing, asked, anna):
    now = timezone.now()
    for number in range(3):
        asked(full_name=f"Number {number}", at=now - 3 * DAY)
    html = unescape(managing.get(REPORTS).content.decode())
    assert "3 people asked in these 28 days" in html
    assert "0 of the 3 whose time has come were called in time: 0 %." in html
    assert "3 of 3 asked on /guides/botched-thread-lift/." in html
    assert "3 calls are overdue; 0 more due" in html


def test_calls_that_fall_due_on_a_closed_day_are_drawn_all_the_same(managing, asked):
    now = timezone.now()
    ahead = report(hours.DEFAULT, days=7, now=now).load[1:]  # of today nothing may be left
    closed = next(day for day in ahead if not day.room).day
    asked(at=now)
    CallbackRequest.objects.update(due_at=datetime.combine(closed, time(23, 30), LONDON))
    html = managing.get(REPORTS).content.decode()
    assert html.count(">1, closed</text>") == 1
    assert "One call is due, with room for" in html


def test_nothing_personal_stands_on_the_page(managing, asked):
    told = {"message": "Quokka", "procedure": "Quokka", "clinic": "Quokka", "email": "quokka@example.com"}
    request = asked(at=timezone.now(), full_name="Quokka Example", **told)
    html = managing.get(REPORTS).content.decode().lower()
    assert "quokka" not in html
    assert request.reference.lower() not in html
    assert request.phone[-6:] not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_the_reports_cost_the_same_at_one_and_at_three(asked, managing, rows):
    for number in range(rows):
        asked(full_name=f"Number {number}", at=timezone.now())
    managing.get(REPORTS)
    with CaptureQueriesContext(connection) as queries:
        html = managing.get(REPORTS).content.decode()
    assert f"{rows} p" in html
    assert len(queries) == 13


def test_the_reports_read_no_more_than_the_period_and_what_is_open():
    with CaptureQueriesContext(connection) as queries:
        found()
    bounds = [re.search(r'"(created_at|due_at)" (>=|<) ', query["sql"]) for query in queries]
    assert [bound and bound[1] for bound in bounds] == ["created_at", "created_at", "due_at"]


@pytest.mark.parametrize(("who", "status"), [("anna", 403), ("paula", 403), ("maya", 200)])
def test_who_sees_the_reports(client, request, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(REPORTS).status_code == status
    assert client.post(REPORTS).status_code == 405


# Drawing


def test_columns_stand_on_the_ground_and_the_highest_fills_the_height():
    drawn = columns("Two", [Column([Part("a", 3), Part("b", 1)], "4", "one"), Column([Part("a", 1)])])
    assert [(shape.kind, shape.y, shape.height) for shape in drawn.shapes] == [
        ("a", "61.5", "112.5"),
        ("b", "24.0", "37.5"),
        ("a", "136.5", "37.5"),
        ("ground", "174.0", "1.0"),
    ]
    assert [(words.kind, words.x, words.text) for words in drawn.words] == [
        ("value", "25.00%", "4"),
        ("name", "25.00%", "one"),
    ]


def test_bars_are_measured_against_the_longest_or_the_most_room():
    drawn = bars("Two", [Bar("One", "1 of 4", [Part("a", 1)], room=4), Bar("Two", "2", [Part("a", 2)])])
    assert [(shape.kind, shape.width) for shape in drawn.shapes] == [
        ("room", "100.00%"),
        ("a", "25.00%"),
        ("a", "50.00%"),
    ]
    assert drawn.height == 92


def test_words_at_an_edge_stay_within_the_drawing():
    drawn = columns("Many", [Column([Part("a", 1)], below=str(number)) for number in range(53)])
    anchors = [(words.x, words.anchor) for words in drawn.words]
    assert (anchors[0], anchors[26][1], anchors[-1]) == (("0.00%", "start"), "middle", ("100.00%", "end"))


@pytest.mark.parametrize("given", [[], [Column([])], [Column([Part("a", 0)])]])
def test_nothing_is_drawn_of_nothing(given):
    assert [shape.kind for shape in columns("None", given).shapes] == ["ground"]
