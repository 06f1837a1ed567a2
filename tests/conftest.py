"""What tests share: a Monday morning, three members of staff, and a request."""

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from hypothesis import settings

from callbacks import notice
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest, OpeningHours
from callbacks.opening import known_hours
from firm_site import roles
from firm_site.details import details
from firm_site.models import User
from tests.client import Client
from tests.migrated_once import django_db_modify_db_settings  # noqa: F401 (a fixture)

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=LONDON)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)  # for `make fast`
settings.load_profile("untimed")

COMMIT = {"transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "live_server"}
NEED_TABLES = {"db"} | COMMIT

_FIRST_CONTENT: list[list[Model]] = []

type AskedWith = Callable[..., CallbackRequest]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Before the database of the tests is dropped, end what a thread left connected to it."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _a_process_that_has_read_nothing(monkeypatch) -> None:
    details.forget()
    known_hours.forget()
    monkeypatch.setattr(notice, "_number", None)


class AnyTest:
    """Of those that this process has run. What they have committed others find, or no longer find."""

    committed = False


@pytest.fixture(autouse=True)
def _rows_of_the_migrations(request) -> None:
    """A test that commits empties every table behind itself: write again, for each that follows it, what a
    migration wrote."""
    marker, names = request.node.get_closest_marker("django_db"), set(request.fixturenames)
    if marker or NEED_TABLES & names:
        request.getfixturevalue("db")
        if (AnyTest.committed or request.config.option.reuse_db) and not OpeningHours.objects.exists():
            migration = import_module("callbacks.migrations.0002_event_guard_and_hours")
            migration.open_on_weekdays(apps, SimpleNamespace(connection=connection))
        AnyTest.committed |= bool(marker and marker.kwargs) or not names.isdisjoint(COMMIT)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def now() -> datetime:
    return MONDAY


def member_of(group: str, username: str, first: str, last: str) -> User:
    named = {"first_name": first, "last_name": last}
    user = User.objects.create_user(username, password="a long enough password", is_staff=True, **named)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def anna(db) -> User:
    return member_of(roles.DESK, "anna", "Anna", "Bell")


@pytest.fixture
def ben(db) -> User:
    return member_of(roles.DESK, "ben", "Ben", "Carr")


@pytest.fixture
def maya(db) -> User:
    return member_of(roles.MANAGERS, "maya", "Maya", "Dean")


@pytest.fixture
def paula(db) -> User:
    return member_of(roles.PARTNERS, "paula", "Paula", "Eve")


@pytest.fixture
def first_content(db) -> None:
    """The first content, live. Each worker loads it once; a later test is given the rows that this wrote.
    Their numbers are nobody else's: a sequence is never put back."""
    if not _FIRST_CONTENT:
        call_command("load_first_content", verbosity=0)
        models = apps.get_app_config("pages").get_models()
        _FIRST_CONTENT.extend(list(model._base_manager.order_by("pk")) for model in models)
        return
    for rows in filter(None, _FIRST_CONTENT):
        type(rows[0])._base_manager.bulk_create(rows)


@pytest.fixture
def asked(db, now) -> AskedWith:
    """Ask to be called; whatever is not given is plausible. Another name has another number."""
    numbers = {"Zoë Example": "+447700900982"}

    def ask(*, at: datetime = now, set_apart_because: str = "", **given) -> CallbackRequest:
        name = given.get("full_name", "Zoë Example")
        number = given.get("phone") or numbers.setdefault(name, f"+4477009001{len(numbers):02}")
        plain = {
            "full_name": name,
            "phone": number,
            "phone_typed": f"0{number[3:7]} {number[7:10]} {number[10:]}",
        }
        answers = plain | given
        return submit(
            answers=Answers(**answers),
            shown=Shown(page="/guides/botched-thread-lift/", page_version=1),
            by=None,
            now=at,
            set_apart_because=set_apart_because,
        )

    return ask
