"""What a restore drill came to: who is told of it, where, and for how long. The drill itself is tried in
tests/faults/test_restore_drill.py."""

from datetime import timedelta
from html import unescape

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from callbacks.admin.backups import lines_of_backups, told_of_backups
from firm_site import restore_drill, tasks
from firm_site.models import RestoreDrill
from tests.client import Client
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

REPORTS = "/admin/callbacks/callbackrequest/reports/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TELL = "Tell whoever looks after the site."
NO_ROOM = "There is not enough room on the disk of /kept: 900 MB should be free, and 20 MB are."


def drilled(at=MONDAY, trouble="", **given) -> RestoreDrill:
    found = {"tables": 41, "rows": 12_345, "seconds": 38} | given
    return RestoreDrill.objects.create(began_at=at, trouble=trouble, **found)


def words(now=MONDAY) -> list[str]:
    return [line.words for line in lines_of_backups(now)]


def migrated(at) -> None:
    MigrationRecorder.Migration.objects.filter(name="0003_restore_drill").update(applied=at)


# The reports


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "41 tables, 12,345 rows, in 38 seconds."),
        ({"rows": 1, "seconds": 1}, "41 tables, 1 row, in 1 second."),
        ({"seconds": 119}, "41 tables, 12,345 rows, in 119 seconds."),
        ({"seconds": 3599}, "41 tables, 12,345 rows, in 59 minutes."),
    ],
)
def test_of_a_whole_one_it_is_said_how_much_it_was(given, sentence):
    drilled(**given)
    assert told_of_backups() == [
        f"The backup of Monday 23 November, 10:00 was restored and is whole: {sentence}"
    ]


def test_of_one_that_failed_it_is_said_what_was_wrong_and_which_was_the_last_that_did_not():
    drilled(MONDAY, NO_ROOM)
    failed = "The backup of Monday 23 November, 10:00 could not be restored."
    assert told_of_backups() == [f"{failed} None ever was. {TELL}", NO_ROOM]
    drilled(MONDAY - 2 * DAY)
    last = "The last that was: Saturday 21 November, 10:00."
    assert told_of_backups() == [f"{failed} {last} {TELL}", NO_ROOM]


def test_where_there_was_none_that_is_said():
    assert told_of_backups() == ["No backup has been restored yet: the first will be, in the coming night."]


def test_managers_read_it_beside_their_reports(maya, client):
    drilled(trouble=NO_ROOM)
    client.force_login(maya)
    page = unescape(client.get(REPORTS).content.decode())
    assert page.count('<h2 id="backup">') == 1
    for sentence in told_of_backups():
        assert f'<p class="says">{sentence}</p>' in page


# The desk


@pytest.mark.parametrize(("age", "is_told"), [(timedelta(), False), (26 * HOUR, False), (27 * HOUR, True)])
def test_the_desk_is_told_once_the_last_is_over_26_hours_old(age, is_told):
    drilled(MONDAY - age)
    said = [f"No backup has been restored since Sunday 22 November, 7:00. {TELL}"]
    assert words() == (said if is_told else [])


def test_the_desk_is_told_of_one_that_failed_at_once_and_no_more_after_the_next():
    drilled(MONDAY - DAY)
    drilled(MONDAY - HOUR, NO_ROOM)
    assert words() == [f"The backup of Monday 23 November, 9:00 could not be restored. {TELL}"]
    drilled(MONDAY)
    assert words() == []


@pytest.mark.parametrize(("age", "is_told"), [(26 * HOUR, False), (27 * HOUR, True)])
def test_a_new_site_has_a_night_before_anybody_is_told(age, is_told):
    migrated(MONDAY - age)
    assert words() == ([f"No backup has been restored yet. {TELL}"] if is_told else [])


@pytest.mark.parametrize(("who", "is_told"), [("maya", True), ("anna", False), ("paula", False)])
def test_only_managers_are_told(request, client, who, is_told):
    drilled(timezone.now(), NO_ROOM)
    client.force_login(request.getfixturevalue(who))
    page = client.get("/admin/").content.decode()
    assert ("could not be restored" in page, f'href="{REPORTS}#backup"' in page) == (is_told, is_told)
    assert "/kept" not in page


# Monitors, and how long it is kept


def test_monitors_are_told_how_old_the_last_whole_one_is(client: Client):
    assert client.get("/readyz").json()["seconds_since_restored"] is None
    drilled(timezone.now() - 27 * HOUR)
    drilled(timezone.now(), NO_ROOM)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert 27 * 3600 <= response.json()["seconds_since_restored"] < 27 * 3600 + 60


def test_it_is_kept_for_a_year():
    drilled(timezone.now() - 366 * DAY)
    kept = drilled(timezone.now() - 364 * DAY)
    tasks.forget_over(timestamp=0)
    assert list(RestoreDrill.objects.all()) == [kept]


# What a command said last


@pytest.mark.parametrize(
    ("complained", "trouble"),
    [
        ("Restoring\nCommandError: The backup is of newer code.\n", "The backup is of newer code."),
        (
            'CommandError: pg_restore failed: ERROR:  invalid input syntax for type integer: "Zoë Quokka"\n',
            "pg_restore failed: ERROR:  invalid input syntax for type integer: …",
        ),
        (
            "Traceback (most recent call last):\n  File …\npsycopg.DataError: Zoë Quokka\n",
            "It ended with a fault: psycopg.DataError.",
        ),
        ("", ""),
    ],
    ids=["ours", "of PostgreSQL", "a fault", "nothing"],
)
def test_what_a_command_complained_of_is_one_sentence_that_names_nobody(complained, trouble):
    assert restore_drill._last_words(complained) == trouble
