"""Complaints about data protection: anybody makes one, managers answer it in time, and all is on record."""

from datetime import date, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from callbacks import notices, spam
from callbacks.actions import Refused, complaining
from callbacks.actions.complaining import Grievance, complain
from callbacks.admin.marks import lines_of_managers
from callbacks.models import DataComplaint, Notification, PostCount

pytestmark = pytest.mark.django_db

ADDRESS = "/privacy/complaint/"
THANKS = "/privacy/complaint/received/"
LIST = "/admin/callbacks/datacomplaint/"
GOOD = {"full_name": "Zoë Example", "email": "zoe@example.com", "happened": "You wrote to my old address."}
NO_WAY_TO_ANSWER = "Enter an e-mail address, a telephone number or a postal address, so we can answer"


def post(client, **answers):
    return client.post(ADDRESS, GOOD | answers)


def page_of(response) -> str:
    return unescape(response.content.decode())


def complained(*, at, **given) -> DataComplaint:
    return complain(grievance=Grievance(**GOOD | given), by=None, now=at)


# The form


def test_the_form_needs_neither_cookie_nor_script(client):
    response = client.get(ADDRESS)
    page = page_of(response)
    assert (response.status_code, response.cookies, page.count("<h1")) == (200, {}, 1)
    assert "csrf" not in page
    for link in ("/privacy/", "/complaints/"):
        assert f'href="{link}"' in page


def test_a_complaint_is_stored_and_thanked_for_at_an_address_that_is_the_same_for_everybody(client):
    response = post(client, reach="1 High Street\r\nTown", about="AC-EFHJ-KLMN")
    assert (response.status_code, response["Location"]) == (303, THANKS)
    found = DataComplaint.objects.get()
    assert (found.full_name, found.email, found.reach, found.happened, found.about) == (
        "Zoë Example",
        "zoe@example.com",
        "1 High Street\nTown",
        "You wrote to my old address.",
        "AC-EFHJ-KLMN",
    )
    thanks = client.get(THANKS)
    assert (thanks.status_code, thanks.cookies) == (200, {})
    assert found.reference not in page_of(thanks)


@pytest.mark.parametrize(
    ("answers", "field", "sentence"),
    [
        ({"full_name": " \u200b"}, "full_name", "Enter your name"),
        ({"full_name": "x" * 121}, "full_name", "Your name must be 120 characters or fewer"),
        ({"happened": ""}, "happened", "Write what happened"),
        ({"happened": "x" * 4001}, "happened", "What happened must be 4,000 characters or fewer"),
        ({"email": ""}, "email", NO_WAY_TO_ANSWER),
        ({"email": "zoe@"}, "email", "Enter an e-mail address like name@example.com, or leave it empty"),
        ({"reach": "x" * 401}, "reach", "The number or address must be 400 characters or fewer"),
        ({"about": "x" * 41}, "about", "A reference must be 40 characters or fewer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_used_gets_a_sentence_twice_and_loses_nothing(client, answers, field, sentence):
    response = post(client, **answers)
    page = page_of(response)
    assert (response.status_code, response["Cache-Control"]) == (422, "no-store")
    assert "<title>Error: Complain about your personal information" in page
    assert 'role="alert"' in page
    assert f'href="#id_{field}"' in page
    assert page.count(sentence) == 2
    for name in {"full_name", "email"} - set(answers):
        assert f'name="{name}" value="{GOOD[name]}"' in page
    assert DataComplaint.objects.count() == 0


@pytest.mark.parametrize("answers", [{"email": "", "reach": "01632 960 001"}, {"reach": "1 High Street"}, {}])
def test_one_way_to_answer_is_enough(client, answers):
    assert post(client, **answers).status_code == 303


def test_twice_is_once_for_a_quarter_of_an_hour(now):
    first = complained(at=now)
    assert complained(at=now + timedelta(minutes=15)) == first
    assert complained(at=now, happened="Something else.") != first
    later = complained(at=now + timedelta(minutes=16))
    assert later != first
    assert DataComplaint.objects.count() == 3


def test_what_another_website_sends_is_not_stored_but_kept_on_the_page(client):
    response = client.post(ADDRESS, GOOD, headers={"sec-fetch-site": "cross-site"})
    page = page_of(response)
    assert (response.status_code, DataComplaint.objects.count()) == (403, 0)
    assert GOOD["happened"] in page


def test_too_many_from_one_address_are_told_to_wait_and_lose_nothing(client):
    post(client)
    PostCount.objects.update(posts=60)
    response = post(client, happened="One more.")
    page = page_of(response)
    assert (response.status_code, response.has_header("Retry-After")) == (429, True)
    assert "One more." in page
    assert 'value="zoe@example.com"' in page
    assert DataComplaint.objects.count() == 1


def test_what_may_be_a_robots_is_listed_all_the_same_and_sent_nothing(client):
    assert post(client, website="x").status_code == 303
    found = DataComplaint.objects.get()
    assert found.set_apart_because == "A field that people never see was filled in."
    assert Notification.objects.count() == 0


def test_of_many_from_one_address_the_later_ones_are_set_apart(client):
    post(client)
    PostCount.objects.update(posts=10)
    assert post(client, happened="One more.").status_code == 303
    why = DataComplaint.objects.order_by("pk").values_list("set_apart_because", flat=True)
    assert list(why) == ["", spam.FROM_ONE_ADDRESS]


def test_without_the_database_everything_typed_is_kept_with_the_telephone_number(client):
    def away(*_):
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        response = post(client, about="AC-EFHJ-KLMN")
    page = page_of(response)
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    assert "We could not save your complaint just now. Please ring" in page
    assert 'href="tel:' in page
    for typed in [*GOOD.values(), "AC-EFHJ-KLMN"]:
        assert typed in page


@pytest.mark.parametrize("address", [ADDRESS, THANKS])
def test_other_methods_are_refused(client, address):
    assert client.delete(address).status_code == 405
    assert client.generic("TRACE", address).status_code == 405


@pytest.mark.parametrize("page", ["/privacy/", "/complaints/"])
def test_privacy_and_complaints_lead_there(client, page):
    call_command("load_first_content", verbosity=0)
    assert f'href="{ADDRESS}"' in page_of(client.get(page))


# Its clock


def test_thirty_days_begin_with_the_day_on_which_it_comes(now):
    complaint = complained(at=now)
    assert complaint.acknowledge_by == date(2026, 12, 22)
    assert [complaint.is_late(date(2026, 12, day)) for day in (22, 23)] == [False, True]


def test_the_day_is_londons(now):
    after_midnight = now.replace(month=7, day=1, hour=0, minute=30)  # in UTC it is still June
    complaint = complained(at=after_midnight.astimezone(timezone.get_fixed_timezone(0)))
    assert complaint.acknowledge_by == date(2026, 7, 30)


def test_an_email_acknowledges_it_and_stops_the_clock(now):
    complaint = complained(at=now)
    assert notices.send_owed(now=now + timedelta(minutes=1)) == 1
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["zoe@example.com"], "Your message")
    for private in ("Cosmetic", "complain", "old address", "Zoë"):
        assert private not in letter.body[:100]
    assert f"Your reference is {complaint.reference}." in letter.body
    assert GOOD["happened"] not in letter.body
    complaint.refresh_from_db()
    assert (complaint.acknowledged_at, complaint.acknowledged_by) == (now + timedelta(minutes=1), None)
    assert DataComplaint.objects.to_acknowledge().count() == 0


def test_without_an_address_nothing_is_owed_and_somebody_must_acknowledge_it(now):
    complained(at=now, email="", reach="1 High Street")
    assert Notification.objects.count() == 0
    assert DataComplaint.objects.to_acknowledge().count() == 1


@pytest.mark.parametrize(
    "columns", [{"happened": ""}, {"email": ""}, {"closed_at": timezone.now}, {"acknowledged_by": 0}]
)
def test_the_database_refuses_what_cannot_be(now, maya, columns):
    complaint = complained(at=now)
    values = {"closed_at": now, "acknowledged_by": maya, "happened": "", "email": ""}
    with pytest.raises(IntegrityError), transaction.atomic():
        DataComplaint.objects.filter(pk=complaint.pk).update(**{name: values[name] for name in columns})


def test_a_notice_of_a_complaint_names_it_and_no_request(asked, now):
    complaint, request = complained(at=now), asked()
    for wrong in (
        {"kind": "complaint"},
        {"kind": "complaint", "complaint": complaint, "request": request},
        {"kind": "receipt", "complaint": complaint, "request": request},
        {"kind": "arrivals", "complaint": complaint},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notification.objects.create(**wrong, created_at=now, try_again_at=now)


@pytest.mark.parametrize("page", [ADDRESS, "/privacy/"])
def test_people_are_told_how_long_it_is_kept(client, page):
    call_command("load_first_content", verbosity=0)
    assert timedelta(days=365) == complaining.KEPT
    assert "for a year after" in " ".join(page_of(client.get(page)).split())


def test_a_year_after_closing_nothing_personal_is_left(now, maya):
    came = now - timedelta(days=100)
    pk, other = complained(at=came).pk, complained(at=came, happened="Something else.").pk
    closed = {"acknowledged_at": now, "closed_at": now, "closed_by": maya, "outcome": "Done."}
    DataComplaint.objects.filter(pk=pk).update(**closed, about="AC-EFHJ-KLMN", fingerprint=None)
    year = timedelta(days=365)
    assert [complaining.forget(now=now + year), complaining.forget(now=now + year * 1.01)] == [0, 1]
    assert complaining.forget(now=now + 2 * year) == 0
    found = DataComplaint.objects.get(pk=pk)
    personal = {"full_name", "email", "reach", "happened", "about", "set_apart_because", "outcome"}
    assert {name for name in personal if getattr(found, name)} == set()
    assert (found.fingerprint, found.closed_at, found.closed_by) == (None, now, maya)
    assert DataComplaint.objects.get(pk=other).full_name == "Zoë Example"


def test_a_year_after_closing_the_letter_that_is_kept_as_a_file_goes_too(now, maya, settings, tmp_path):
    backend = "django.core.mail.backends.filebased.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(tmp_path)}}}
    pk = complained(at=now).pk
    complained(at=now, email="mia@example.com")
    assert notices.send_owed(now=now) == 2
    DataComplaint.objects.filter(pk=pk).update(closed_at=now, closed_by=maya, fingerprint=None)
    assert complaining.forget(now=now + timedelta(days=366)) == 1
    left = "".join(file.read_text() for file in tmp_path.iterdir())
    assert ("zoe@example.com" in left, "mia@example.com" in left) == (False, True)


# What managers do with it


def test_managers_close_what_is_acknowledged_and_answered_and_nobody_else_does(now, maya, anna):
    pk = complained(at=now, email="", reach="1 High Street").pk
    with pytest.raises(Refused, match="once it is acknowledged"):
        complaining.close(pk=pk, by=maya, now=now)
    with pytest.raises(Refused, match="Only managers"):
        complaining.acknowledge(pk=pk, by=anna, now=now)
    assert complaining.acknowledge(pk=pk, by=maya, now=now)
    assert not complaining.acknowledge(pk=pk, by=maya, now=now + timedelta(days=1))
    with pytest.raises(Refused, match="its outcome is written down"):
        complaining.close(pk=pk, by=maya, now=now)
    complaining.write_outcome(pk=pk, by=maya, now=now, outcome="We erased the old address.")
    complaining.close(pk=pk, by=maya, now=now)
    found = DataComplaint.objects.get()
    assert (found.acknowledged_at, found.acknowledged_by, found.closed_at, found.closed_by) == (
        now,
        maya,
        now,
        maya,
    )
    with pytest.raises(Refused, match="is closed"):
        complaining.write_outcome(pk=pk, by=maya, now=now, outcome="Another.")


def test_the_page_of_one_records_what_was_done_and_who_changed_what(client, maya):
    pk = complained(at=timezone.now(), email="", reach="1 High Street").pk
    client.force_login(maya)
    page = f"{LIST}{pk}/change/"
    assert "Acknowledge it first." in page_of(client.post(page, {"outcome": "Done.", "is_closed": "on"}))
    assert "before you close it" in page_of(
        client.post(page, {"is_acknowledged": "on", "outcome": "", "is_closed": "on"})
    )
    forged = {"happened": "Nothing.", "received_at": "2020-01-01", "closed_by": maya.pk}
    assert client.post(page, {"is_acknowledged": "on", "outcome": "Looking."} | forged).status_code == 302
    assert client.post(page, {"outcome": "Done.", "is_closed": "on"}).status_code == 302
    found = DataComplaint.objects.get()
    assert (found.happened, found.outcome, found.acknowledged_by, found.closed_by) == (
        GOOD["happened"],
        "Done.",
        maya,
        maya,
    )
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert said == ["Changed I have acknowledged it and Outcome.", "Changed Outcome and Close it."]
    assert {entry.user for entry in LogEntry.objects.all()} == {maya}
    closed = client.get(page)
    assert (closed.status_code, 'name="outcome"' in page_of(closed)) == (200, False)
    assert client.post(page, {"outcome": "Another."}).status_code == 403


def test_the_list_marks_what_is_late_and_shows_what_is_open_first(client, maya):
    now = timezone.now()
    late = complained(at=now - timedelta(days=31), full_name="Late Example", reach="A", email="")
    done = complained(at=now - timedelta(days=40), full_name="Done Example")
    fresh = complained(at=now, full_name="Fresh Example")
    DataComplaint.objects.filter(pk=done.pk).update(closed_at=now, closed_by=maya, acknowledged_at=now)
    client.force_login(maya)
    page = page_of(client.get(LIST))
    order = [page.index(each.reference) for each in (late, fresh, done)]
    assert order == sorted(order)
    assert page.count('<strong class="late">late: acknowledge now</strong>') == 1


def test_one_is_found_by_who_made_it_from_the_page_about_privacy(client, maya):
    found, other = complained(at=timezone.now()), complained(at=timezone.now(), email="mia@example.com")
    client.force_login(maya)
    assert f'href="{LIST}"' in page_of(client.get("/admin/callbacks/callbackrequest/held/"))
    page = page_of(client.get(LIST, {"q": "ZOE@example.com"}))
    assert (found.reference in page, other.reference in page) == (True, False)


def test_the_desk_tells_managers_and_nobody_else(client, maya, anna, now):
    complained(at=timezone.now())
    complained(at=timezone.now() - timedelta(days=31), reach="A", email="")
    told = ["1 complaint about data protection late: acknowledge now"]
    told += ["1 complaint about data protection to be answered"]
    assert [line.words for line in lines_of_managers(timezone.now())] == told
    for person, expected in ((maya, True), (anna, False)):
        client.force_login(person)
        desk = page_of(client.get("/admin/"))
        assert [words in desk for words in told] == [expected] * 2
        assert (LIST in desk) == expected
