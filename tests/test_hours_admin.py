"""Managers set hours, special days, pace and capacity; what is booked is shown to them first."""

from datetime import date, datetime, time, timedelta
from html import unescape

import pytest
from django.core.management import call_command
from django.utils import timezone

from callbacks import checks, hours
from callbacks.actions.booking import to_be_moved
from callbacks.models import CallbackRequest, DeskCapacity, OpeningHours, SpecialDay
from callbacks.opening import hours_in_force
from tests.client import Client
from tests.conftest import member_of

pytestmark = pytest.mark.django_db

SPECIAL = "/admin/callbacks/specialday/"
WEEKLY = "/admin/callbacks/openinghours/"
CAPACITY = "/admin/callbacks/deskcapacity/1/change/"


@pytest.fixture
def manager(maya, client) -> Client:
    client.force_login(maya)
    return client


def page_of(response) -> str:
    return unescape(response.content.decode())


@pytest.fixture
def slot() -> datetime:
    """A half hour of a coming day; the pages ask the clock."""
    starts = [start for start, _ in hours.slots(hours.DEFAULT, timezone.now() + timedelta(days=1))]
    return starts[2]


@pytest.fixture
def booked(asked, slot) -> list[CallbackRequest]:
    return [
        asked(full_name=name, at=timezone.now(), wanted_at=slot) for name in ("Anna Booked", "Ben Booked")
    ]


def closed(day: date, **more) -> dict:
    return {"day": day.isoformat(), "opens": "", "closes": "", "reason": "Staff day", **more}


def moved_now() -> list[str]:
    return [each.full_name for each in to_be_moved(hours_in_force(), timezone.now())]


def agreed_to(booked) -> str:
    return " ".join(map(str, booked))


def test_a_day_is_closed_or_given_hours_of_its_own(manager):
    day = timezone.localdate() + timedelta(days=30)
    assert manager.post(SPECIAL + "add/", closed(day)).status_code == 302
    other = closed(day + timedelta(days=1), opens="10:00", closes="12:00")
    assert manager.post(SPECIAL + "add/", other).status_code == 302
    assert list(SpecialDay.objects.values_list("day", "opens", "closes", "reason")) == [
        (day, None, None, "Staff day"),
        (day + timedelta(days=1), time(10), time(12), "Staff day"),
    ]
    assert hours_in_force().special_days == {day: None, day + timedelta(days=1): (time(10), time(12))}


@pytest.mark.parametrize(
    ("opens", "closes"), [("17:00", "09:00"), ("09:00", ""), ("", "12:00"), ("22:00", "02:00")]
)
def test_a_special_day_of_half_hours_or_past_midnight_is_refused(manager, opens, closes):
    response = manager.post(SPECIAL + "add/", closed(timezone.localdate(), opens=opens, closes=closes))
    assert response.status_code == 200
    assert "Give both times, the desk closing later on the same day than it opens; or neither." in page_of(
        response
    )
    assert SpecialDay.objects.count() == 0


def test_weekly_hours_past_midnight_are_refused(manager):
    monday = OpeningHours.objects.get(weekday=0)
    response = manager.post(
        f"{WEEKLY}{monday.pk}/change/", {"weekday": 0, "opens": "22:00", "closes": "02:00"}
    )
    assert "The desk must close later on the same day than it opens." in page_of(response)


@pytest.mark.parametrize(("pace", "capacity"), [("0", "2"), ("8", "0"), ("201", "2"), ("8", "51"), ("", "2")])
def test_a_pace_or_capacity_that_nobody_could_keep_is_refused(manager, pace, capacity):
    response = manager.post(CAPACITY, {"calls_an_hour": pace, "calls_in_a_slot": capacity})
    assert response.status_code == 200
    assert DeskCapacity.objects.count() == 0


def test_pace_and_capacity_are_one_row_that_is_there_before_anybody_saved_it(manager):
    assert manager.get("/admin/callbacks/deskcapacity/").headers["Location"] == CAPACITY
    assert 'value="8"' in page_of(manager.get(CAPACITY))
    manager.post(CAPACITY, {"calls_an_hour": "12", "calls_in_a_slot": "3"})
    assert (hours_in_force().pace, hours_in_force().capacity) == (12, 3)


# What is booked is shown first


def test_closing_a_day_shows_who_is_booked_and_saves_nothing_until_that_is_agreed(manager, booked, slot):
    response = manager.post(SPECIAL + "add/", closed(slot.date()))
    page = page_of(response)
    assert response.status_code == 200
    assert "One question before this is saved." in page
    assert "Please correct the error" not in page
    assert "2 calls are due then:" in page
    for request in booked:
        assert (
            f'<a href="/admin/callbacks/callbackrequest/{request.pk}/change/">{request.full_name}</a>' in page
        )
    assert f"{slot:%A} {slot.day} {slot:%B}, {hours.clock(slot)}: " in page
    assert SpecialDay.objects.count() == 0

    response = manager.post(SPECIAL + "add/", closed(slot.date(), agreed=agreed_to(booked)), follow=True)
    assert SpecialDay.objects.get().day == slot.date()
    assert "2 calls are to be moved." in page_of(response)
    assert moved_now() == ["Anna Booked", "Ben Booked"]
    kept = CallbackRequest.objects.filter(wanted_at=slot)
    assert sorted(kept.values_list("place", flat=True)) == [1, 2]


def test_closing_a_day_shows_what_was_promised_as_soon_as_possible_by_its_own_time(manager, asked, slot):
    request = asked(at=timezone.now())
    due_at = slot.replace(hour=10, minute=0)
    CallbackRequest.objects.filter(pk=request.pk).update(due_at=due_at, promised_by=due_at)
    page = page_of(manager.post(SPECIAL + "add/", closed(slot.date())))
    assert f"{slot:%A} {slot.day} {slot:%B}, before 10:00: " in page
    assert SpecialDay.objects.count() == 0


def test_what_was_agreed_for_other_calls_counts_for_nothing(manager, booked, asked, slot):
    agreed = agreed_to(booked)
    asked(full_name="Came meanwhile", at=timezone.now(), wanted_at=slot + timedelta(minutes=30))
    response = manager.post(SPECIAL + "add/", closed(slot.date(), agreed=agreed))
    page = page_of(response)
    assert "3 calls are due then:" in page
    box = page[page.index('name="agreed"') :]
    assert "checked" not in box[: box.index(">")]
    assert SpecialDay.objects.count() == 0


def test_a_change_that_moves_nobody_asks_nothing(manager, booked, slot):
    long_day = closed(slot.date(), opens="08:00", closes="20:00")
    assert manager.post(SPECIAL + "add/", long_day).status_code == 302
    assert moved_now() == []


def test_shortening_a_weekday_asks(manager, booked, slot):
    row = OpeningHours.objects.get(weekday=slot.weekday())
    closes = hours.clock(slot).rjust(5, "0")
    short = {"weekday": row.weekday, "opens": "08:00", "closes": closes}
    assert "2 calls are due then:" in page_of(manager.post(f"{WEEKLY}{row.pk}/change/", short))
    row.refresh_from_db()
    assert row.closes == time(17, 30)


def test_lowering_the_capacity_asks_about_those_who_would_be_too_many(manager, booked):
    one = {"calls_an_hour": "8", "calls_in_a_slot": "1"}
    page = page_of(manager.post(CAPACITY, one))
    assert "One call is due then:" in page
    assert "Ben Booked" in page
    assert DeskCapacity.objects.count() == 0
    manager.post(CAPACITY, one | {"agreed": agreed_to(booked[1:])})
    assert hours_in_force().capacity == 1
    assert moved_now() == ["Ben Booked"]


def test_deleting_hours_lists_what_is_booked_then(manager, booked, slot):
    row = OpeningHours.objects.get(weekday=slot.weekday())
    page = page_of(manager.get(f"{WEEKLY}{row.pk}/delete/"))
    assert "2 calls are due then:" in page
    assert "Anna Booked" in page
    assert OpeningHours.objects.filter(pk=row.pk).exists()
    response = manager.post(f"{WEEKLY}{row.pk}/delete/", {"post": "yes"}, follow=True)
    assert "2 calls are to be moved." in page_of(response)
    assert not OpeningHours.objects.filter(pk=row.pk).exists()


def test_deleting_what_nobody_needs_lists_nothing(manager, booked, slot):
    row = OpeningHours.objects.create(weekday=6, opens=time(10), closes=time(12))
    assert "due then" not in page_of(manager.get(f"{WEEKLY}{row.pk}/delete/"))


def test_the_question_is_asked_once_for_calls_that_are_to_be_moved_already(manager, booked, slot):
    SpecialDay.objects.create(day=slot.date())
    assert moved_now() == ["Anna Booked", "Ben Booked"]
    one = {"calls_an_hour": "8", "calls_in_a_slot": "1"}
    assert manager.post(CAPACITY, one).status_code == 302


@pytest.mark.parametrize("group", ["desk", "partners"])
@pytest.mark.parametrize("address", [SPECIAL + "add/", WEEKLY + "add/", CAPACITY])
def test_only_managers_set_hours(client, group, address):
    client.force_login(member_of(group, "person", "A", "Person"))
    assert client.post(address, {}).status_code == 403


# Checks


def test_the_check_warns_sixty_days_before_the_known_bank_holidays_end():
    last = hours.last_known_bank_holidays()
    assert checks.bank_holidays_on(last - timedelta(days=61)) == []
    (warning,) = checks.bank_holidays_on(last - timedelta(days=60))
    assert warning.id == "callbacks.W001"
    assert warning.msg == f"The bank holidays that we know end on 31 December {last.year}."


def test_the_check_warns_when_the_desk_never_opens(capsys):
    assert checks.the_desk_opens(databases=["default"]) == []
    OpeningHours.objects.all().delete()
    assert [warning.id for warning in checks.the_desk_opens(databases=["default"])] == ["callbacks.W002"]
    assert checks.the_desk_opens(databases=None) == []


def test_django_finds_both_checks(monkeypatch, capsys):
    OpeningHours.objects.all().delete()
    monkeypatch.setattr(hours, "BANK_HOLIDAYS_RUN_OUT", timedelta(days=365 * 1000))
    call_command("check", databases=["default"])
    said = capsys.readouterr().err
    assert "callbacks.W001" in said
    assert "callbacks.W002" in said
