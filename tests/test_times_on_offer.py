"""The times to choose from: what is on offer, how it is drawn, and what becomes of a choice."""

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape

import pytest
from django.utils import timezone

from callbacks import offer
from callbacks.actions.booking import free_times
from callbacks.models import CallbackRequest, SpecialDay
from callbacks.opening import hours_in_force
from callbacks.states import Status
from firm_site.models import FirmDetails
from tests.conftest import LONDON
from tests.writing import published

pytestmark = pytest.mark.django_db

ADDRESS = "/request-a-callback/"
GOOD = {"full_name": "Zoë Example", "phone": "07700 900 982"}
HOUR = timedelta(hours=1)


def post(client, start: datetime | str, **answers):
    when = start if isinstance(start, str) else offer.value_of(start)
    return client.post(ADDRESS, GOOD | {"when": when} | answers)


def page_of(response) -> str:
    return unescape(response.content.decode())


def free() -> list[datetime]:
    return [start for start, _ in free_times(hours_in_force(), timezone.now())]


def radios(page: str) -> list[str]:
    """The values that may be chosen, in the order of the page."""
    return re.findall(r'type="radio"\s+name="when"\s+value="([^"]+)"', page)


def chosen(page: str) -> list[str]:
    return re.findall(r'name="when"\s+value="([^"]+)"[^>]*checked', page)


def drawn(days: list[offer.Day]) -> dict[str, list[str]]:
    return {day.words: [time.begins for time in day.times] for day in days}


def fill(asked, start: datetime) -> None:
    """Two people take both places."""
    for name in ("Anna Example", "Ben Example"):
        asked(full_name=f"{name} {start:%H%M}", wanted_at=start, at=timezone.now())


def close_every_day() -> None:
    today = timezone.localdate()
    SpecialDay.objects.bulk_create(SpecialDay(day=today + timedelta(days=ahead)) for ahead in range(61))


def only_slot() -> datetime:
    """Every day is closed but one, on which there is one half hour."""
    close_every_day()
    day = timezone.localdate() + timedelta(days=3)
    SpecialDay.objects.filter(day=day).update(opens=time(10), closes=time(10, 30))
    return datetime.combine(day, time(10), LONDON)


# What is on offer


def test_a_card_offers_the_next_three_free_times_and_says_that_there_are_more(now):
    shown = offer.on_a_card(hours_in_force(), now)
    assert drawn(shown.at_once) == {"Monday 23 November": ["12:00", "12:30", "13:00"]}
    assert [time.number for time in shown.at_once[0].times] == [1, 2, 3]
    assert (shown.days, shown.has_more, shown.asap_is_chosen) == ([], True, True)


def test_three_times_may_lie_on_two_days(now):
    shown = offer.on_a_card(hours_in_force(), now.replace(hour=14, minute=40))
    assert drawn(shown.at_once) == {"Monday 23 November": ["17:00"], "Tuesday 24 November": ["9:00", "9:30"]}


def test_all_times_are_those_of_today_and_of_the_next_seven_open_days(now):
    days = offer.all_times(hours_in_force(), now, chosen="asap").days
    assert [(day.words, len(day.times)) for day in days] == [
        ("Monday 23 November", 11),
        ("Tuesday 24 November", 17),
        ("Wednesday 25 November", 17),
        ("Thursday 26 November", 17),
        ("Friday 27 November", 17),
        ("Monday 30 November", 17),
        ("Tuesday 1 December", 17),
        ("Wednesday 2 December", 17),
    ]
    first, last = days[0].times[0], days[-1].times[-1]
    assert first == offer.Time(1, "2026-11-23T12:00:00+00:00", "12:00", "12:30", is_chosen=False)
    assert last == offer.Time(130, "2026-12-02T17:00:00+00:00", "17:00", "17:30", is_chosen=False)


def test_a_time_says_its_own_offset_on_either_side_of_a_change_of_clocks():
    friday = datetime(2027, 10, 29, 14, 40, tzinfo=LONDON)
    days = offer.all_times(hours_in_force(), friday, chosen="asap").days
    assert [(day.words, day.times[0].value) for day in days[:2]] == [
        ("Friday 29 October", "2027-10-29T17:00:00+01:00"),
        ("Monday 1 November", "2027-11-01T09:00:00+00:00"),
    ]


def test_the_words_are_the_same_before_and_after_midnight(now):
    late, early = now.replace(hour=23, minute=59), now.replace(hour=23) + timedelta(hours=1, minutes=1)
    before, after = (offer.on_a_card(hours_in_force(), moment) for moment in (late, early))
    assert before == after
    assert before.promise == "Tuesday 24 November, before 10:00"
    assert drawn(before.at_once) == {"Tuesday 24 November": ["9:00", "9:30", "10:00"]}


def test_a_time_with_both_places_taken_is_not_shown(asked, now):
    noon = now.replace(hour=12)
    asked(full_name="Anna Example", wanted_at=noon)
    shown = offer.on_a_card(hours_in_force(), now)
    assert drawn(shown.at_once) == {"Monday 23 November": ["12:00", "12:30", "13:00"]}
    asked(full_name="Ben Example", wanted_at=noon)
    shown = offer.on_a_card(hours_in_force(), now)
    assert drawn(shown.at_once) == {"Monday 23 November": ["12:30", "13:00", "13:30"]}


def test_what_was_chosen_is_chosen_still_in_whatever_offset_and_its_day_is_open(now):
    shown = offer.all_times(hours_in_force(), now, chosen="2026-11-24T16:00:00+05:30")
    found = [(day.words, time.begins) for day in shown.days for time in day.times if time.is_chosen]
    assert found == [("Tuesday 24 November", "10:30")]
    assert shown.open_day == shown.days[1]
    assert (shown.asap_is_chosen, shown.chosen_is_gone) == (False, False)


def test_without_a_choice_the_first_day_is_open(now):
    shown = offer.all_times(hours_in_force(), now, chosen="")
    assert shown.open_day == shown.days[0]


def test_a_choice_that_is_not_on_offer_is_said_to_be_gone(now):
    shown = offer.all_times(hours_in_force(), now, chosen="2026-11-23T11:30:00+00:00")
    assert shown.chosen_is_gone is True
    assert not any(day.has_chosen for day in shown.days)


def test_in_place_of_a_time_the_three_nearest_are_offered_then_the_others(asked, now):
    gone = now.replace(hour=14)
    for name in ("Anna Example", "Ben Example"):
        asked(full_name=name, wanted_at=gone)
    shown = offer.in_place_of(gone, hours_in_force(), now)
    assert drawn(shown.at_once) == {"Monday 23 November": ["13:00", "13:30", "14:30"]}
    others = drawn(shown.days)["Monday 23 November"]
    assert others == ["12:00", "12:30", "15:00", "15:30", "16:00", "16:30", "17:00"]
    assert (shown.asap_is_chosen, shown.open_day, shown.chosen_is_gone) == (False, None, False)


def test_without_the_database_only_what_was_chosen_is_offered():
    shown = offer.not_known(chosen="2026-11-24T10:30:00+00:00")
    assert drawn(shown.at_once) == {"Tuesday 24 November": ["10:30"]}
    assert shown.at_once[0].has_chosen is True
    assert (shown.days, shown.promise, shown.nothing_is_free) == ([], "", False)
    assert offer.not_known(chosen="asap") == offer.Offer(asap_is_chosen=True)
    assert offer.not_known(chosen="soon") == offer.Offer(asap_is_chosen=False)


def test_a_firm_that_does_not_open_soon_names_no_time(now):
    today = now.date()
    SpecialDay.objects.bulk_create(SpecialDay(day=today + timedelta(days=ahead)) for ahead in range(61))
    shown = offer.all_times(hours_in_force(), now, chosen="asap")
    assert (shown.nothing_is_free, shown.promise) == (True, "")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "asap",
        "tomorrow",
        "2026-11-24",
        "10:30",
        "2026-11-24T10:30:00",  # of which zone?
        "2026-11-24T25:00:00+00:00",
        "2026-11-24T10:30:00+25:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:30:00-23:00",
    ],
)
def test_what_is_no_moment_is_no_time(value):
    with pytest.raises(ValueError):  # noqa: PT011 (whichever of Python's own)
        offer.start_of(value)


def test_a_moment_is_read_in_any_offset():
    half_past_ten = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    for value in ("2026-11-24T10:30:00+00:00", "2026-11-24T10:30Z", "2026-11-24T05:30:00-05:00"):
        assert str(offer.start_of(value)) == str(half_past_ten)  # the fingerprint takes it as it is written


# How it is drawn


def test_the_card_on_a_guide_says_the_promise_and_the_day_of_each_time(client):
    published(at=timezone.now() - HOUR)
    page = page_of(client.get("/guides/filler/"))
    shown = offer.on_a_card(hours_in_force(), timezone.now())
    assert radios(page) == ["asap", *[time.value for day in shown.at_once for time in day.times]]
    assert chosen(page) == ["asap"]
    assert f">{shown.promise}</small>" in page
    assert f'data-until="{timezone.localtime(shown.promise_ends).isoformat()}"' in page
    day = shown.at_once[0]
    hidden = f'<span class="visually-hidden"> to {day.times[0].ends}, {day.words}</span>'
    assert f'<label for="id_when_1">{day.times[0].begins}{hidden}</label>' in page
    assert 'name="more_times"' in page
    assert "We will ask for you by name." in page


def test_enter_on_the_card_asks_and_does_not_show_more_times(client):
    published(at=timezone.now() - HOUR)
    first_button = re.search(
        r'<form id="callback-form".*?<button[^>]*>', page_of(client.get("/guides/filler/")), re.S
    )
    assert first_button
    assert "more_times" not in first_button[0]


def test_the_forms_own_page_has_every_free_time_a_day_at_a_time(client):
    page = page_of(client.get(ADDRESS))
    assert radios(page) == ["asap", *map(offer.value_of, free())]
    assert re.findall(r'id="(id_when_\d+)"', page) == [f"id_when_{n}" for n in range(len(free()) + 1)]
    days = re.findall(r'<details class="day" name="day"( open)?>', page)
    assert days == [" open"] + [""] * (len(days) - 1)
    assert len(days) in (7, 8)
    assert 'name="more_times"' not in page
    assert 'aria-describedby="id_when_helptext"' in page
    assert "Each call begins within half an hour of the time you choose. Times are UK time." in page


def test_nothing_free_says_so_and_offers_a_call_as_soon_as_possible_and_the_telephone(client):
    close_every_day()
    page = page_of(client.get(ADDRESS))
    said = page[page.index("There is no free time to choose just now.") :][:300]
    assert FirmDetails.telephone.field.get_default() in said
    assert (radios(page), chosen(page)) == (["asap"], ["asap"])


@pytest.mark.parametrize("requests", [1, 3])
def test_the_forms_own_page_costs_the_same_few_queries(client, asked, django_assert_num_queries, requests):
    for number in range(requests):
        asked(full_name=f"Person {number}", wanted_at=free()[number], at=timezone.now())
    client.get(ADDRESS)  # the wording of the notice is looked up once
    with django_assert_num_queries(4):
        assert client.get(ADDRESS).status_code == 200


# What becomes of a choice


def test_a_time_that_was_chosen_is_booked(client):
    start = free()[5]
    assert post(client, start).status_code == 303
    request = CallbackRequest.objects.get()
    assert (request.wanted_at, request.place) == (start, 1)
    assert (request.due_from, request.due_at) == (start, start + timedelta(minutes=30))


def test_a_time_in_another_offset_is_the_same_time(client):
    start = free()[5]
    abroad = start.astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert post(client, abroad).status_code == 303
    assert CallbackRequest.objects.get().wanted_at == start
    assert post(client, start).status_code == 303  # and so this is the same request again
    assert CallbackRequest.objects.count() == 1


def last_half_hour() -> datetime:
    now = timezone.now()
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(), timedelta(hours=1)])
def test_a_time_that_is_past_or_too_soon_has_gone(client, ahead):
    response = post(client, last_half_hour() + ahead)
    assert response.status_code == 409
    assert CallbackRequest.objects.count() == 0


@pytest.mark.parametrize(
    "start",
    [
        lambda: free()[5] + timedelta(minutes=10),  # off the grid
        lambda: free()[-1] + timedelta(days=30),
        lambda: "9998-06-01T10:30:00+00:00",
    ],
)
def test_a_time_that_was_never_on_offer_is_refused_beside_the_field(client, start):
    response = post(client, start())
    page = page_of(response)
    assert response.status_code == 422
    assert page.count("That time is not on offer. Choose another") == 2
    assert "The time you chose is not on offer now." not in page  # once is enough
    assert 'href="#id_when_0"' in page
    assert 'id="id_when_error"' in page
    assert 'aria-describedby="id_when_helptext id_when_error"' in page
    assert chosen(page) == []
    assert CallbackRequest.objects.count() == 0


def test_a_third_place_for_one_number_is_refused_with_what_to_do(client, asked):
    one, two, three = free()[4:7]
    for name, start in (("Anna Example", one), ("Ben Example", two)):
        asked(full_name=name, phone="+447700900982", wanted_at=start, at=timezone.now())
    response = post(client, three)
    assert response.status_code == 422
    assert page_of(response).count("Two calls are booked for this number already.") == 2
    assert CallbackRequest.objects.count() == 2


def test_a_time_that_has_just_gone_is_nobodys_mistake(client, asked):
    times = free()
    start = times[6]
    fill(asked, start)
    response = post(client, start, message="Two\nlines", say_who="yes", page="/guides/botched-thread-lift/")
    page = page_of(response)
    assert response.status_code == 409
    assert response["Cache-Control"] == "no-store"
    assert "<title>That time has just gone" in page
    assert re.search(r"<h1[^>]*>That time has just gone</h1>", page)
    assert "Nothing else you wrote is lost. Choose another time:" in page
    for blame in (
        "Error",
        "There is a problem",
        "field-wrong",
        "error-summary",
        'class="error"',
        'role="alert"',
    ):
        assert blame not in page
    nearest = [times[index] for index in range(len(times)) if index != 6]
    nearest = sorted(sorted(nearest, key=lambda each: abs(each - start))[:3])
    assert radios(page)[:4] == [*map(offer.value_of, nearest), "asap"]
    assert sorted(radios(page)[4:]) == sorted(map(offer.value_of, set(free()) - set(nearest)))
    assert chosen(page) == []
    assert page.index('id="when"') < page.index('name="full_name"')
    assert page.count('id="when"') == 1
    for kept in ('value="Zoë Example"', 'value="07700 900 982"', ">\nTwo\nlines</textarea>"):
        assert kept in page
    assert 'href="/guides/botched-thread-lift/"' in page
    assert CallbackRequest.objects.count() == 2


def test_when_the_very_last_time_has_gone_there_is_the_telephone(client, asked):
    start = only_slot()
    fill(asked, start)
    response = post(client, start)
    page = page_of(response)
    assert response.status_code == 409
    assert "Nothing else you wrote is lost." in page
    assert "Choose another time:" not in page
    assert "There is no free time to choose just now." in page
    assert (radios(page), chosen(page)) == (["asap"], [])


def test_a_double_click_for_the_last_place_is_one_booking_with_its_receipt_twice(client, asked):
    start = free()[5]
    asked(full_name="Anna Example", wanted_at=start, at=timezone.now())
    first, second = post(client, start), post(client, start)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    places = CallbackRequest.objects.filter(wanted_at=start).order_by("place").values_list("place", flat=True)
    assert list(places) == [1, 2]


def test_a_wrong_answer_elsewhere_leaves_the_time_chosen(client):
    start = free()[-1]
    response = post(client, start, phone="")
    page = page_of(response)
    assert response.status_code == 422
    assert chosen(page) == [offer.value_of(start)]
    opened = page[page.index('name="day" open') :]
    assert opened[: opened.index("</details>")].count("checked") == 1


def test_a_wrong_answer_beside_a_time_that_is_gone_says_so_without_a_second_error(client, asked):
    start = free()[5]
    fill(asked, start)
    page = page_of(post(client, start, phone=""))
    assert "The time you chose is not on offer now. Please choose another." in page
    assert 'id="id_when_error"' not in page
    assert chosen(page) == []


def test_more_times_shows_them_all_keeps_everything_and_stores_nothing(client):
    start = free()[1]
    given = {
        "full_name": "O’Brien <b>",
        "phone": "not yet",
        "email": "zoe@",
        "clinic": "“Some” Clinic",
        "page": "/guides/botched-thread-lift/",
        "page_version": "7",
        "notice_version": "1",
    }
    response = post(client, start, message="Two\nlines", say_who="yes", more_times="yes", **given)
    page = page_of(response)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert "<title>Request a Callback" in page
    assert "There is a problem" not in page
    assert 'class="error"' not in page
    assert "aria-invalid" not in page
    for name, value in given.items():
        assert f'name="{name}" value="{value}"' in page
    assert ">\nTwo\nlines</textarea>" in page
    assert '<details class="more" open>' in page
    assert page.count("checked") == 2  # may say who is calling; the time
    assert radios(page) == ["asap", *map(offer.value_of, free())]
    assert chosen(page) == [offer.value_of(start)]
    assert 'href="/guides/botched-thread-lift/"' in page
    assert CallbackRequest.objects.count() == 0


def test_more_times_from_another_website_is_answered_as_any_post_of_theirs(client):
    headers = {"sec-fetch-site": "cross-site"}
    response = client.post(ADDRESS, GOOD | {"when": "asap", "more_times": "yes"}, headers=headers)
    assert response.status_code == 403


def test_a_doubtful_request_for_a_time_holds_no_place(client):
    start = free()[5]
    assert post(client, start, website="x").status_code == 303
    request = CallbackRequest.objects.get()
    assert (request.status, request.wanted_at, request.place) == (Status.SUSPECTED_SPAM, start, None)
