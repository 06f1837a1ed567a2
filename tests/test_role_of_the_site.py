"""The role that serves the site: it asks, claims and publishes, and changes no table and no record."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from procrastinate.contrib.django.models import ProcrastinateJob

from callbacks import notices, tasks
from callbacks.actions import desk, keeping, undoing
from callbacks.models import Event, Note, Notification
from firm_site import owner
from pages.actions import publishing
from pages.models import Kind, Publication
from tests.writing import written

pytestmark = pytest.mark.django_db

INSUFFICIENT_PRIVILEGE = "42501"
ROLE = "role_of_the_site_in_tests"


@pytest.fixture
def as_the_site(db) -> None:
    """From here on every statement of the test is the lesser role's; the role goes with the test."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        # As an administrator of another day may have left it.
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT CREATE ON SCHEMA public TO {ROLE}, PUBLIC")
        owner.grant(connection, ROLE)
        cursor.execute(f"SET LOCAL ROLE {ROLE}")


def refused(statement: str) -> str:
    """The code by which PostgreSQL refuses a statement, "" when it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return error.__cause__.sqlstate
    return ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE callbacks_event SET kind = 'noted'",
        "DELETE FROM callbacks_event",
        "TRUNCATE callbacks_event CASCADE",
        "ALTER TABLE callbacks_event DISABLE TRIGGER callbacks_event_stays",
        "DROP TRIGGER callbacks_event_stays ON callbacks_event",
        "CREATE TRIGGER more BEFORE INSERT ON callbacks_event "
        "FOR EACH ROW EXECUTE FUNCTION callbacks_event_stays()",
        "DROP FUNCTION callbacks_event_stays() CASCADE",
        "CREATE OR REPLACE FUNCTION callbacks_event_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "ALTER TABLE callbacks_event RENAME TO another",
        "ALTER TABLE callbacks_event OWNER TO CURRENT_USER",
        "ALTER TABLE callbacks_event ADD COLUMN more int",
        "CREATE RULE more AS ON INSERT TO callbacks_event DO INSTEAD NOTHING",
        "DROP TABLE callbacks_event CASCADE",
        "ALTER TABLE callbacks_note DROP COLUMN text",
        "CREATE INDEX more ON callbacks_note (text)",
        "TRUNCATE callbacks_note",
        "CREATE TABLE more (id int)",
        "CREATE TEMPORARY TABLE more (id int)",
        "CREATE VIEW more AS SELECT 1",
        "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA more",
        "CREATE ROLE more",
        "UPDATE pages_historicalpage SET title = 'another'",
        "DELETE FROM pages_historicalpage",
        "UPDATE firm_site_historicalfirmdetails SET telephone = '1'",
        "DELETE FROM callbacks_historicalmessagetexts",
        "UPDATE django_admin_log SET change_message = ''",
        "DELETE FROM django_admin_log",
        "DELETE FROM django_migrations",
        "COPY callbacks_note TO PROGRAM 'cat'",
        "COPY callbacks_note TO '/tmp/notes'",
    ],
)
def test_the_site_changes_no_table_and_nothing_on_record(asked, as_the_site, statement):
    assert refused(statement) == INSUFFICIENT_PRIVILEGE


def test_every_table_of_versions_is_one_that_the_site_only_adds_to():
    versions = [name for name in connection.introspection.table_names() if "_historical" in name]
    assert {"pages_historicalpage", "firm_site_historicalfirmdetails"} < set(versions)
    assert owner.append_only_tables() == ["callbacks_event", "django_admin_log", *sorted(versions)]


def test_people_ask_and_change_their_mind_as_that_role(as_the_site, client, now):
    answers = {"full_name": "Zoë Example", "phone": "07700 900982", "when": "asap", "message": "Please."}
    answers["email"] = "zoe@example.com"
    own_page = client.post("/request-a-callback/", answers)["Location"]
    assert client.get(own_page).status_code == 200
    assert client.post(f"{own_page}add/", {"text": "I forgot."}).status_code == 303
    assert client.post(f"{own_page}cancel/", {"agreed": "yes"}).status_code == 303
    assert list(Event.objects.values_list("kind", flat=True)) == ["asked", "added", "closed"]


def test_staff_claim_call_and_close_as_that_role(asked, anna, as_the_site, now):
    pk = asked().pk
    desk.claim(pk=pk, by=anna, now=now)
    desk.call(pk=pk, by=anna, now=now)
    desk.spoke(pk=pk, by=anna, now=now)
    assert list(Event.objects.values_list("kind", flat=True)) == ["asked", "claimed", "calling", "spoke"]
    Note.objects.all().delete()
    assert list(Note.objects.all()) == []


def test_the_worker_sends_and_forgets_as_that_role(asked, as_the_site, now, settings):
    settings.NOTIFY = ["desk@example.com"]
    asked(email="zoe@example.com")
    assert notices.send_owed(now=now) == 1
    assert (keeping.give_up(now=now), undoing.forget(now=now)) == (0, None)
    assert Notification.objects.filter(sent_at__isnull=False).count() == 1


def test_jobs_are_queued_and_taken_as_that_role(as_the_site):
    tasks.give_up.defer(timestamp=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
        (job,) = cursor.fetchone()
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", [job])
    assert list(ProcrastinateJob.objects.all()) == []


def test_partners_write_and_publish_as_that_role(paula, as_the_site, now):
    page = written(Kind.GUIDE)
    publishing.publish(page=page, by=paula, now=now)
    assert Publication.objects.live(now).get().page == page
