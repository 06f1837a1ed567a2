"""Publishing, scheduling, withdrawing and putting back: what each leaves, and what it refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from pages.actions import AddressTaken, Refused
from pages.actions.publishing import Later, SomethingIsScheduled, publish, put_back, unschedule, withdraw
from pages.models import Kind, Publication
from tests.writing import published, republished, written

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def saved(now):
    """A page that is live, with a newer version: the two bodies are told apart."""
    page = published(at=now - HOUR, body="<p>Old.</p>")
    page.body = "<p>New.</p>"
    page.save()
    return page


def body_at(page, at):
    live = Publication.objects.live(at).filter(page=page).first()
    return live and live.version.body


def coming(page, now):
    return list(
        Publication.objects.scheduled(now).filter(page=page).values_list("live_from", "version__body")
    )


def test_publishing_what_is_live_already_leaves_it_at_that(saved, paula, now):
    first = publish(page=saved, by=paula, now=now)
    assert publish(page=saved, by=paula, now=now + HOUR) == first
    assert Publication.objects.count() == 2


def test_the_version_that_was_looked_at_is_published_and_not_a_newer_one(saved, paula, now):
    looked_at = saved.history.latest("history_id")
    saved.body = "<p>Newer.</p>"
    saved.save()
    publish(page=saved, by=paula, now=now, version=looked_at)
    assert body_at(saved, now) == "<p>New.</p>"


def test_a_publication_keeps_what_is_said_to_visitors_and_why_a_stop_was_passed(saved, paula, now):
    made = publish(
        page=saved, by=paula, now=now, change="A word more.", passed=["best"], passed_because="A quotation."
    )
    made.refresh_from_db()
    kept = (made.made_at, made.change, made.passed, made.passed_because)
    assert kept == (now, "A word more.", ["best"], "A quotation.")


def test_what_is_moved_to_a_later_time_keeps_why_a_stop_was_passed_as_well(saved, paula, now):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    saved.body = "<p>Newest.</p>"
    saved.save()
    passed = {"passed": ["best"], "passed_because": "A quotation."}
    publish(page=saved, by=paula, now=now, later=Later.MOVE, change="Told once.", **passed)
    made = Publication.objects.standing().filter(version__body="<p>Newest.</p>")
    assert list(made.order_by("live_from").values_list("live_from", "passed_because", "change")) == [
        (now, "A quotation.", "Told once."),
        (now + HOUR, "A quotation.", ""),
    ]


def test_while_something_is_scheduled_publishing_asks(saved, paula, now):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    for asked in (
        lambda: publish(page=saved, by=paula, now=now),
        lambda: publish(page=saved, by=paula, now=now, live_from=now + 2 * HOUR),
        lambda: withdraw(page=saved, by=paula, now=now),
    ):
        with pytest.raises(SomethingIsScheduled):
            asked()
    assert body_at(saved, now) == "<p>Old.</p>"


@pytest.mark.parametrize(
    ("later", "is_to_come", "in_the_end"),
    [
        (Later.DROP, [], "<p>Newest.</p>"),
        (Later.MOVE, ["<p>Newest.</p>"], "<p>Newest.</p>"),
        (Later.KEEP, ["<p>New.</p>"], "<p>New.</p>"),
    ],
)
def test_what_is_scheduled_is_dropped_moved_or_kept(saved, paula, now, later, is_to_come, in_the_end):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    saved.body = "<p>Newest.</p>"
    saved.save()
    publish(page=saved, by=paula, now=now, later=later)
    assert body_at(saved, now) == "<p>Newest.</p>"
    assert coming(saved, now) == [(now + HOUR, body) for body in is_to_come]
    assert body_at(saved, now + HOUR) == in_the_end


def test_what_was_dropped_stays_on_record(saved, paula, now):
    made = publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    unschedule(publication=made, by=paula, now=now)
    made.refresh_from_db()
    assert (made.dropped_at, made.dropped_by) == (now, paula)
    assert body_at(saved, now + HOUR) == "<p>Old.</p>"


def test_what_has_appeared_cannot_be_dropped(saved, paula, now):
    made = publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    with pytest.raises(Refused, match="has appeared already"):
        unschedule(publication=made, by=paula, now=now + HOUR)
    assert body_at(saved, now + HOUR) == "<p>New.</p>"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("only_what_was_never_live_is_dropped_and_by_somebody", {"dropped_at": 0, "dropped_by": True}),
        ("only_what_was_never_live_is_dropped_and_by_somebody", {"dropped_at": -1}),
        ("only_what_was_never_live_is_dropped_and_by_somebody", {"dropped_by": True}),
        ("a_stop_is_passed_with_a_reason", {"passed": ["best"]}),
    ],
)
def test_the_table_refuses(saved, paula, now, name, fields):
    fields = {field: paula if value is True else value for field, value in fields.items()}
    if "dropped_at" in fields:
        fields["dropped_at"] = now + fields["dropped_at"] * HOUR
    made = publish(page=saved, by=paula, now=now)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Publication.objects.filter(pk=made.pk).update(**fields)


def test_withdrawing_takes_a_page_off_the_site(saved, paula, now):
    withdraw(page=saved, by=paula, now=now)
    assert (body_at(saved, now), body_at(saved, now - HOUR)) == (None, "<p>Old.</p>")


@pytest.mark.parametrize("slug", ["privacy", "contact"])
def test_a_standard_page_is_never_withdrawn(paula, now, slug):
    page = published(Kind.STANDARD, slug, at=now - HOUR)
    with pytest.raises(Refused, match="must have this page"):
        withdraw(page=page, by=paula, now=now)
    assert body_at(page, now) == "<p>Text.</p>"


def test_what_visitors_cannot_read_is_not_withdrawn(saved, paula, now):
    for page in (saved, written(slug="draft")):
        if page == saved:
            withdraw(page=page, by=paula, now=now)
        with pytest.raises(Refused, match="nothing to withdraw"):
            withdraw(page=page, by=paula, now=now)


@pytest.mark.parametrize(("later", "in_the_end"), [(Later.DROP, None), (Later.KEEP, "<p>New.</p>")])
def test_a_withdrawn_page_comes_back_only_if_what_was_scheduled_is_kept(saved, paula, now, later, in_the_end):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    withdraw(page=saved, by=paula, now=now, later=later)
    assert (body_at(saved, now), body_at(saved, now + HOUR)) == (None, in_the_end)


def test_putting_back_shows_again_what_was_there_before(saved, paula, now):
    made = publish(page=saved, by=paula, now=now)
    put_back(publication=made, by=paula, now=now + HOUR)
    assert (body_at(saved, now), body_at(saved, now + HOUR)) == ("<p>New.</p>", "<p>Old.</p>")
    assert saved.history.count() == 2


def test_putting_back_a_withdrawal_brings_the_page_back(saved, paula, now):
    gone = withdraw(page=saved, by=paula, now=now)
    put_back(publication=gone, by=paula, now=now)
    assert body_at(saved, now) == "<p>Old.</p>"


def test_a_second_click_on_put_back_changes_nothing(saved, paula, now):
    made = publish(page=saved, by=paula, now=now)
    put_back(publication=made, by=paula, now=now)
    with pytest.raises(Refused, match="published this page since"):
        put_back(publication=made, by=paula, now=now)
    assert body_at(saved, now) == "<p>Old.</p>"


def test_there_is_nothing_to_put_back_to_before_the_first(paula, now):
    page = published(at=now)
    with pytest.raises(Refused, match="Nothing was there before"):
        put_back(publication=page.publications.get(), by=paula, now=now)


def test_putting_back_an_old_address_leads_the_newer_one_there(client, saved, paula, now):
    made = republished(saved, at=now, slug="renamed")
    put_back(publication=made, by=paula, now=now)
    assert client.get("/guides/filler/").status_code == 200
    assert client.get("/guides/renamed/")["Location"] == "/guides/filler/"


def test_an_address_of_a_dropped_publication_was_never_there(client, saved, paula, now):
    saved.slug = "renamed"
    saved.save()
    made = publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    unschedule(publication=made, by=paula, now=now)
    assert client.get("/guides/renamed/").status_code == 404


def test_publishing_at_an_address_of_another_page_leaves_everything_as_it_was(saved, paula, now):
    other = written(slug="other")
    publish(page=other, by=paula, now=now, live_from=now + HOUR)
    other.slug, saved.slug = "third", "moved"
    other.save()
    saved.save()
    publish(page=saved, by=paula, now=now)
    saved.slug = "other"
    saved.save()
    with pytest.raises(AddressTaken):
        publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    assert (coming(saved, now), body_at(saved, now)) == ([], "<p>New.</p>")


@pytest.mark.parametrize("later", list(Later))
def test_a_second_click_publishes_nothing_twice(saved, paula, now, later):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    saved.body = "<p>Newest.</p>"
    saved.save()
    first = publish(page=saved, by=paula, now=now, later=later)
    to_come = coming(saved, now)
    assert publish(page=saved, by=paula, now=now, later=later) == first
    assert coming(saved, now) == to_come


@pytest.mark.parametrize("later", [None, Later.KEEP])
def test_a_second_click_schedules_nothing_twice(saved, paula, now, later):
    first = publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    assert publish(page=saved, by=paula, now=now, live_from=now + HOUR, later=later) == first
    assert coming(saved, now) == [(now + HOUR, "<p>New.</p>")]


def test_moving_what_is_scheduled_to_the_same_time_leaves_one(saved, paula, now):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    saved.body = "<p>Newest.</p>"
    saved.save()
    publish(page=saved, by=paula, now=now, live_from=now + HOUR, later=Later.MOVE, change="A word.")
    assert coming(saved, now) == [(now + HOUR, "<p>Newest.</p>")]
    assert Publication.objects.scheduled(now).get().change == "A word."


def test_putting_back_what_was_published_over_itself_shows_what_was_there_before_both(saved, paula, now):
    publish(page=saved, by=paula, now=now, live_from=now + HOUR)
    saved.body = "<p>Newest.</p>"
    saved.save()
    publish(page=saved, by=paula, now=now, later=Later.MOVE)
    appeared = Publication.objects.begun(now + HOUR).first()
    put_back(publication=appeared, by=paula, now=now + HOUR)
    assert body_at(saved, now + HOUR) == "<p>Old.</p>"
