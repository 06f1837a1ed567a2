"""Publishing: what visitors read at a moment, and what the tables refuse."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from pages.actions import AddressTaken
from pages.actions.publishing import publish
from pages.models import Address, Kind, Page, Publication
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def texts(now):
    return [publication.version.body for publication in Publication.objects.live(now)]


def test_what_is_saved_but_not_published_is_not_live(now):
    page = published(at=now, body="<p>Old.</p>")
    page.body = "<p>Half-writ"
    page.save()
    written(slug="draft")
    assert texts(now) == ["<p>Old.</p>"]


def test_what_is_published_is_live_from_that_moment(now):
    page = published(at=now, body="<p>Old.</p>")
    republished(page, at=now + MINUTE, body="<p>New.</p>")
    assert texts(now - MINUTE) == []
    assert texts(now) == ["<p>Old.</p>"]
    assert texts(now + MINUTE) == ["<p>New.</p>"]


def test_a_scheduled_version_goes_live_by_itself_and_stays_as_it_was_scheduled(now):
    page = published(at=now, body="<p>Old.</p>")
    page.body = "<p>Scheduled.</p>"
    page.save()
    publish(page=page, by=None, now=now, live_from=now + MINUTE)
    page.body = "<p>Later draft.</p>"
    page.save()
    assert texts(now + MINUTE - timedelta(microseconds=1)) == ["<p>Old.</p>"]
    assert texts(now + MINUTE) == ["<p>Scheduled.</p>"]


def test_of_two_publications_of_one_moment_the_later_made_is_live(now):
    page = published(at=now, body="<p>First.</p>")
    republished(page, at=now, body="<p>Second.</p>")
    assert texts(now) == ["<p>Second.</p>"]


def test_a_withdrawn_page_is_not_live_until_it_is_published_again(now):
    page = published(at=now, body="<p>Back.</p>")
    withdrawn(page, at=now + MINUTE)
    publish(page=page, by=None, now=now + 2 * MINUTE)
    assert texts(now + MINUTE) == []
    assert texts(now + 2 * MINUTE) == ["<p>Back.</p>"]


def test_the_newest_publications_include_those_that_withdraw(now):
    page = published(at=now)
    withdrawal = withdrawn(page, at=now + MINUTE)
    assert list(Publication.objects.newest(now + MINUTE)) == [withdrawal]


def test_live_means_live_wherever_it_stands_in_a_chain(now):
    guide = published(at=now)
    republished(guide, at=now + MINUTE, slug="renamed")
    named = Publication.objects.filter(version__slug="filler")
    assert list(named.live(now + MINUTE)) == []


def test_each_page_has_one_live_publication_in_order_of_title(now):
    for slug in ("b", "a"):
        republished(published(slug=slug, at=now), at=now)
    published(Kind.PROFILE, "c", at=now)
    assert [live.version.slug for live in Publication.objects.live(now).guides()] == ["a", "b"]
    assert [live.version.slug for live in Publication.objects.live(now).people()] == ["c"]


def test_a_publication_knows_when_its_page_was_first_live(now):
    page = published(at=now)
    withdrawn(page, at=now + MINUTE)
    assert republished(page, at=now + 2 * MINUTE).first_live_from() == now


def test_publishing_says_who_and_writes_the_address(now, paula):
    page = written()
    publication = publish(page=page, by=paula, now=now)
    assert (publication.by, publication.live_from) == (paula, now)
    assert list(Address.objects.values_list("path", "page")) == [("/guides/filler/", page.pk)]


@pytest.mark.parametrize(
    ("kind", "slug", "path"),
    [
        (Kind.GUIDE, "filler", "/guides/filler/"),
        (Kind.PROFILE, "michael-saul", "/people/michael-saul/"),
        (Kind.STANDARD, "privacy", "/privacy/"),
    ],
)
def test_kind_and_slug_make_the_path(kind, slug, path):
    assert Page(kind=kind, slug=slug).path == path


@pytest.mark.parametrize(
    ("name", "initials"), [("Michael Saul", "MS"), ("Ana Maria de Souza", "AS"), ("Cher", "C"), ("", "")]
)
def test_a_monogram_has_the_first_and_the_last_initial(name, initials):
    assert Page(title=name).initials == initials


def test_nothing_is_published_into_the_past(now):
    page = written()
    with pytest.raises(ValueError, match="in the past"):
        publish(page=page, by=None, now=now, live_from=now - MINUTE)
    assert Publication.objects.count() == 0


def test_an_address_that_once_led_to_a_page_is_given_to_no_other(now):
    moved = published(at=now)
    republished(moved, at=now, slug="renamed")
    newcomer = written(slug="filler")
    with pytest.raises(AddressTaken):
        publish(page=newcomer, by=None, now=now)
    assert Address.objects.get(path="/guides/filler/").page == moved
    assert Publication.objects.filter(page=newcomer).count() == 0


def test_a_publication_shows_a_version_of_its_own_page(now):
    one, other = written(slug="one"), written(slug="other")
    Publication.objects.create(page=one, version=other.history.get(), live_from=now)
    with pytest.raises(IntegrityError, match="a_publication_shows_a_version_of_its_own_page"):
        connection.check_constraints()


def test_what_was_published_cannot_be_deleted(now):
    page = published(at=now)
    with pytest.raises(ProtectedError):
        page.delete()
    with pytest.raises(ProtectedError):
        page.history.get().delete()


REVIEW = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_page_is_a_guide_a_profile_or_a_standard_page", {"kind": "leaflet"}),
        ("a_page_has_a_title_and_an_address", {"title": ""}),
        ("a_page_has_a_title_and_an_address", {"slug": ""}),
        ("a_standard_page_is_one_of_the_five", {"kind": Kind.STANDARD, "slug": "careers"}),
        ("only_a_guide_has_topic_author_and_review", {"kind": Kind.PROFILE, "topic": "Filler"}),
        ("only_a_profile_has_what_describes_a_person", {"role": "Partner"}),
        ("only_a_profile_has_what_describes_a_person", {"known_as": "Mike"}),
        ("only_a_profile_has_what_describes_a_person", {"expertise": "Fillers"}),
        ("only_a_profile_has_what_describes_a_person", {"qualifications": "LLB"}),
        ("only_a_profile_has_what_describes_a_person", {"sra_id": "1"}),
        ("only_a_profile_has_what_describes_a_person", {"short_biography": "Born."}),
        ("a_review_has_a_reviewer_a_day_and_a_later_next_day", REVIEW),
    ],
)
def test_a_page_is_refused(constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        written(**fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("only_a_guide_has_topic_author_and_review", {"kind": Kind.PROFILE, "author": True}),
        ("only_a_guide_has_topic_author_and_review", {"kind": Kind.PROFILE, "reviewed_by": True} | REVIEW),
        ("a_review_has_a_reviewer_a_day_and_a_later_next_day", {"reviewed_by": True}),
        (
            "a_review_has_a_reviewer_a_day_and_a_later_next_day",
            {"reviewed_by": True} | REVIEW | {"review_due": REVIEW["reviewed_on"]},
        ),
    ],
)
def test_a_page_by_someone_is_refused(constraint, fields):
    someone = written(Kind.PROFILE, "someone")
    named = {key: someone if value is True else value for key, value in fields.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        written(**named)


def test_a_slug_is_unique_within_its_kind_only():
    written(slug="same")
    written(Kind.PROFILE, "same")
    with pytest.raises(IntegrityError, match="a_slug_is_unique_within_its_kind"), transaction.atomic():
        written(slug="same")
