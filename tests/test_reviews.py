"""Guides are to be read again: partners are told which ones nobody has read in time."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail

from pages.reviews import overdue, remind
from pages.tasks import remind_of_reviews
from tests.conftest import member_of
from tests.writing import published, republished, withdrawn

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 6, 8, tzinfo=UTC)


@pytest.fixture
def someone(db):
    return published("profile", "someone", at=NOW, title="Some One")


def guide(slug, someone, due):
    review = {"reviewed_by": someone, "reviewed_on": date(2025, 1, 1), "review_due": due}
    return published(slug=slug, at=NOW, title=slug.title(), **review)


def with_address(paula, address="paula@example.com"):
    paula.email = address
    paula.save()


def test_a_guide_is_overdue_from_the_day_after_its_date_on(someone):
    guide("today", someone, date(2026, 7, 6))
    guide("yesterday", someone, date(2026, 7, 5))
    guide("long", someone, date(2026, 1, 5))
    published(slug="never-reviewed", at=NOW)
    assert [each.version.slug for each in overdue(NOW)] == ["long", "yesterday"]
    midnight_in_london = datetime(2026, 7, 6, 23, tzinfo=UTC)
    assert [each.version.slug for each in overdue(midnight_in_london)] == ["long", "yesterday", "today"]


def test_what_is_withdrawn_or_reviewed_since_is_not_overdue(someone):
    due = date(2026, 7, 1)
    withdrawn(guide("gone", someone, due), at=NOW)
    republished(guide("done", someone, due), at=NOW, review_due=date(2027, 7, 1))
    assert list(overdue(NOW)) == []


def test_partners_are_told_what_is_overdue_since_when_and_where(someone, paula, anna):
    with_address(paula)
    with_address(anna, "anna@example.com")
    page = guide("fillers", someone, date(2026, 7, 1))
    assert remind(now=NOW) == 1
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("1 guide is due for review", ["paula@example.com"])
    assert message.body == (
        "Somebody should read again what we say here:\n\n"
        "Fillers\nwas due by 1 July 2026\n"
        f"http://localhost:8000/admin/pages/page/{page.pk}/change/\n"
    )


@pytest.mark.parametrize("why", ["nothing is due", "nobody has an address", "whoever has one has left"])
def test_nobody_is_told_nothing(someone, paula, why):
    if why != "nothing is due":
        guide("fillers", someone, date(2026, 7, 1))
    if why != "nobody has an address":
        with_address(paula)
    if why == "whoever has one has left":
        paula.is_active = False
        paula.save()
    assert (remind(now=NOW), mail.outbox) == (0, [])


def test_the_worker_tells_on_mondays(someone, paula):
    with_address(paula)
    with_address(member_of("partners", "otto", "Otto", "Fry"), "otto@example.com")
    guide("fillers", someone, date(2025, 7, 1))
    guide("threads", someone, date(2025, 7, 1))
    remind_of_reviews(timestamp=0)
    assert (mail.outbox[0].subject, len(mail.outbox[0].to)) == ("2 guides are due for review", 2)
