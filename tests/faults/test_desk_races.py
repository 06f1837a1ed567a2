"""Twenty people press the one button at the same moment, in five processes; others undo and type at once."""

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from callbacks.actions import answering, checking, desk, undoing
from callbacks.models import CallbackRequest, Event, Note, Notification, Party
from callbacks.notices import LEASE
from callbacks.states import Outcome
from tests.conftest import MONDAY, member_of
from tests.faults.test_races import AT_ONCE, ask, at_once

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES, THREADS = 5, 4
ROOT = Path(__file__).resolve().parents[2]

# What each process does: get ready, wait until all are, press, and say what came of it.
PRESSES = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
import django
django.setup()
from django.db import connection
from callbacks.actions import desk
from firm_site.models import User
here, now, names = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3:]
users = [User.objects.get(username=name) for name in names]
(here / f"ready {names[0]}").touch()
while not (here / "go").exists():
    time.sleep(0.001)
def press(user):
    try:
        return desk.claim_next(by=user, now=now)
    finally:
        connection.close()
with ThreadPoolExecutor(len(users)) as pool:
    print(*pool.map(press, users))
"""


def press_at_once(names: list[str], folder: Path) -> list[str]:
    """What each of these people got who press in several processes at the same moment."""
    database = connection.settings_dict
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{database['NAME']}",
    }
    if "?" in os.environ["DATABASE_URL"]:
        environment["DATABASE_URL"] += "?" + os.environ["DATABASE_URL"].split("?", 1)[1]
    groups = [names[start::PROCESSES] for start in range(PROCESSES)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PRESSES, str(folder), MONDAY.isoformat(), *group],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for group in groups
    ]
    ends = time.monotonic() + 60
    while len(list(folder.glob("ready *"))) < PROCESSES and time.monotonic() < ends:
        time.sleep(0.05)
    (folder / "go").touch()
    return [word for process in running for word in process.communicate(timeout=60)[0].split()]


def test_twenty_people_who_press_at_once_get_twenty_different_requests(tmp_path):
    names = [f"staff{number}" for number in range(PROCESSES * THREADS)]
    for name in names:
        member_of("desk", name, "Staff", name)
    requests = {ask(f"Person {number}").pk for number in range(len(names))}
    assert set(map(int, press_at_once(names, tmp_path))) == requests
    holders = CallbackRequest.objects.values_list("claimed_by__username", flat=True)
    assert sorted(holders) == sorted(names)
    assert Counter(Event.objects.values_list("kind", flat=True))["claimed"] == len(names)


def test_of_twenty_who_press_for_five_requests_five_get_one_and_the_others_nothing(tmp_path):
    names = [f"staff{number}" for number in range(PROCESSES * THREADS)]
    for name in names:
        member_of("desk", name, "Staff", name)
    requests = [ask(f"Person {number}").pk for number in range(5)]
    assert sorted(press_at_once(names, tmp_path)) == sorted([*map(str, requests), *["None"] * 15])


def test_of_twelve_who_take_the_same_persons_call_one_has_it():
    staff = [member_of("desk", f"staff{n}", "Staff", str(n)) for n in range(AT_ONCE)]
    pk = ask().pk
    said = at_once(lambda number: desk.they_rang(pk=pk, by=staff[number], now=MONDAY))
    assert said.count(None) == 1
    found = CallbackRequest.objects.get(pk=pk)
    assert (found.attempts, found.claim_ends_at, staff[said.index(None)]) == (1, None, found.claimed_by)


def test_of_twelve_undos_of_one_outcome_one_takes_it_back():
    anna = member_of("desk", "anna", "Anna", "Bell")
    pk = ask().pk
    desk.they_rang(pk=pk, by=anna, now=MONDAY)
    desk.no_answer(pk=pk, by=anna, now=MONDAY)
    said = at_once(lambda number: undoing.undo(pk=pk, by=anna, now=MONDAY + timedelta(seconds=1)))
    assert said.count(None) == 1
    assert Event.objects.filter(kind="undone").count() == 1
    assert CallbackRequest.objects.get(pk=pk).claim_ends_at is None


def test_of_twelve_tabs_that_save_over_each_other_one_saves_and_the_others_see_its_text():
    anna = member_of("desk", "anna", "Anna", "Bell")
    pk = ask().pk
    desk.claim(pk=pk, by=anna, now=MONDAY)
    texts = [f"In the words of tab {number}" for number in range(AT_ONCE)]

    def save(number: int) -> str:
        try:
            answering.write(pk=pk, by=anna, now=MONDAY, question="notes", text=texts[number], edits=0)
        except answering.Clash as clash:
            return clash.theirs
        return "saved"

    said = at_once(save)
    assert said.count("saved") == 1
    assert said.count(Note.objects.get().text) == AT_ONCE - 1


def test_a_party_waits_for_a_request_that_is_just_coming_and_does_not_miss_it():
    compared = Signal()

    def come(which: int) -> object:
        if which:
            assert compared.wait(timeout=30)
            return checking.add_party(Party(name="Quillon"), now=MONDAY)
        with transaction.atomic():
            pk = ask(clinic="Quillon Clinic").pk
            compared.set()  # without the party; and nobody sees the request yet
            time.sleep(1)
        return pk

    at_once(come, 2)
    assert CallbackRequest.objects.get().conflict_since is not None


def test_an_undo_that_meets_the_worker_takes_nothing_back_of_which_a_letter_goes_out():
    anna = member_of("desk", "anna", "Anna", "Bell")
    pk = ask(email="zoe@example.com").pk
    desk.close(pk=pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    ends = MONDAY + undoing.UNDO_LASTS
    leased = Signal()

    def one(number: int) -> None:
        if number == 0:
            with transaction.atomic():
                Notification.objects.filter(kind="not_viable").update(tries=1, try_again_at=ends + LEASE)
                leased.set()
                time.sleep(0.5)
        else:
            leased.wait()
            undoing.undo(pk=pk, by=anna, now=ends)

    assert at_once(one, 2) == [None, undoing.TOO_LATE]
    assert Notification.objects.filter(kind="not_viable").count() == 1
    assert CallbackRequest.objects.get(pk=pk).outcome == Outcome.NO_BREACH
