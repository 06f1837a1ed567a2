"""History: every version, what it changed, when visitors read it; comparing and taking up again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from pages.actions.publishing import publish, withdraw
from pages.admin.versions import said_on
from pages.models import Kind, Publication
from tests.conftest import LONDON
from tests.writing import published, republished, withdrawn, written

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def partner(client, paula):
    client.force_login(paula)
    return client


def of(page, what):
    return f"/admin/pages/page/{page.pk}/{what}/"


def at(day, hour, month=7):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_the_history_says_of_each_version_who_made_it_and_what_it_changed(partner, paula):
    page = published(at=at(1, 8), title="Fillers", body="<p>One. Two.</p>")
    page.title, page._history_user = "Filler", paula
    page.save()
    rows = partner.get(of(page, "history")).context["rows"]
    assert [(row.number, row.changes, row.version.history_user) for row in rows] == [
        (2, ["the title"], paula),
        (1, ["a new page"], None),
    ]


def test_the_history_says_from_when_until_when_visitors_read_a_version(partner, now):
    page = published(at=at(1, 8), body="<p>One.</p>")
    republished(page, at=at(2, 8), body="<p>Two.</p>")
    withdrawn(page, at=at(3, 8))
    page.body = "<p>Three.</p>"
    page.save()
    publish(page=page, by=None, now=timezone.now(), live_from=datetime(2099, 12, 3, 9, tzinfo=UTC))
    rows = partner.get(of(page, "history")).context["rows"]
    assert [row.times for row in rows] == [
        ["Scheduled for 3 December 2099, 09:00"],
        ["Live from 2 July 2026, 09:00 until 3 July 2026, 09:00"],
        ["Live from 1 July 2026, 09:00 until 2 July 2026, 09:00"],
    ]


@pytest.mark.parametrize("versions", [2, 6])
def test_the_history_costs_the_same_however_many_versions_there_are(
    partner, django_assert_num_queries, versions
):
    page = published(at=at(1, 8))
    for number in range(1, versions):
        page.title = f"Title {number}"
        page.save()
    partner.get(of(page, "history"))
    with django_assert_num_queries(13):
        partner.get(of(page, "history"))


@pytest.mark.faults
def test_of_texts_too_long_to_compare_while_one_waits_the_history_says_where_to_compare_them(partner):
    page = written(body="<p>Short.</p>")
    for number in range(7):
        page.body = "<p>Long words. </p>" * 15_000 + f"<p>{number}</p>"
        page.save()
        page.title = f"Title {number}"
        page.save()
    response = partner.get(of(page, "history"))
    changes = [row.changes for row in response.context["rows"]]
    told, untold = [["the title"], ["1 sentence in the opening"]], [["the title"], None]
    assert changes == told * 5 + untold * 2 + [["a new page"]]
    html = response.content.decode()
    assert html.count("A long text: compare it with the one before to see what changed") == 2
    assert html.count("Compare with the one before") == 14


def test_a_long_history_is_turned_over(partner):
    page = written()
    for number in range(1, 32):
        page.title = f"Title {number}"
        page.save()
    first, second = (partner.get(of(page, "history") + f"?p={p}").context["rows"] for p in (1, 2))
    assert [row.number for row in first] == list(range(32, 2, -1))
    assert [(row.number, row.changes) for row in second] == [(2, ["the title"]), (1, ["a new page"])]


def test_two_versions_are_compared_word_by_word(partner):
    page = written(body="<p>Swelling is common.</p>")
    page.body = "<p>Swelling is <strong>very</strong> common.</p>"
    page.save()
    new, old = page.history.order_by("-history_id")
    shown = partner.get(of(page, "compare") + f"?old={old.pk}&new={new.pk}").content.decode()
    assert "<ins>very</ins>" in shown
    assert "&lt;strong&gt;" not in shown
    backwards = partner.get(of(page, "compare") + f"?old={new.pk}&new={old.pk}").content.decode()
    assert "<del>very</del>" in backwards


def test_without_being_told_which_the_last_two_are_compared(partner):
    page = written(title="Filler")
    page.title = "Fillers"
    page.save()
    context = partner.get(of(page, "compare")).context
    assert (context["old"].title, context["new"].title) == ("Filler", "Fillers")


@pytest.mark.parametrize("query", ["?old=x", "?new=99999999999999999999", "?old=999999"])
def test_a_version_that_is_not_there_is_not_found(partner, query):
    assert partner.get(of(written(), "compare") + query).status_code == 404


def test_a_version_of_another_page_is_not_found(partner):
    other = written(slug="other").history.get()
    page = written()
    assert partner.get(of(page, "compare") + f"?old={other.pk}").status_code == 404
    assert partner.post(of(page, "restore"), {"version": other.pk}).status_code == 404


def test_taking_a_version_up_again_makes_a_draft_and_changes_nothing_else(partner, paula):
    page = published(at=at(1, 8), title="Filler", body="<p>One.</p>")
    first = page.history.get()
    republished(page, at=at(2, 8), title="Fillers", body="<p>Two.</p>")
    assert partner.post(of(page, "restore"), {"version": first.pk})["Location"] == of(page, "change")
    newest = page.history.latest("history_id")
    assert (newest.title, newest.body, newest.history_user) == ("Filler", "<p>One.</p>", paula)
    assert Publication.objects.live(timezone.now()).get().version.title == "Fillers"


def test_what_belongs_to_another_page_by_now_is_not_taken_up_again(partner):
    page = written(slug="mine")
    first = page.history.get()
    page.slug = "renamed"
    page.save()
    written(slug="mine")
    response = partner.post(of(page, "restore"), {"version": first.pk}, follow=True)
    assert "Another page has this address" in response.content.decode()
    assert page.history.count() == 2


def said(day, now):
    return [
        (page.title, [(words, version and version.body) for words, version, _ in times])
        for page, times in said_on(day, now)
    ]


def test_what_the_site_said_on_a_day_is_what_was_live_then(now):
    page = published(at=at(1, 8), title="A", body="<p>One.</p>")
    republished(page, at=at(2, 8), body="<p>Two.</p>")
    withdrawn(page, at=at(2, 20))
    published(Kind.PROFILE, "b", at=at(3, 8), title="B")
    assert said(at(1, 8).date(), now) == [("A", [("from 1 July 2026, 09:00", "<p>One.</p>")])]
    assert said(at(2, 8).date(), now) == [
        (
            "A",
            [
                ("since 1 July 2026, 09:00", "<p>One.</p>"),
                ("from 2 July 2026, 09:00", "<p>Two.</p>"),
                ("from 2 July 2026, 21:00", None),
            ],
        )
    ]
    assert said(at(4, 8).date(), now) == [("B", [("since 3 July 2026, 09:00", "<p>Text.</p>")])]


def test_a_day_is_one_of_london(now):
    published(at=at(1, 23), title="A")
    assert [said(at(day, 8).date(), now) for day in (1, 2)] == [
        [],
        [("A", [("from 2 July 2026, 00:00", "<p>Text.</p>")])],
    ]


def test_what_is_to_come_or_was_dropped_was_never_said(paula, now):
    page = published(at=at(1, 8), title="A", body="<p>One.</p>")
    publish(page=page, by=paula, now=now, live_from=now + HOUR)
    assert said(now.date(), now) == [("A", [("since 1 July 2026, 09:00", "<p>One.</p>")])]
    assert said((now + timedelta(days=3)).date(), now) == []


def test_the_page_of_a_day_leads_to_what_was_said(partner):
    page = published(at=at(1, 8), title="A", body="<p>One.</p>")
    republished(page, at=at(2, 8), title="B", body="<p>Two.</p>")
    response = partner.get("/admin/pages/page/on/?day=2026-07-01")
    ((shown, times),) = response.context["said"]
    assert (shown, "<p>One.</p>" in partner.get(f"/preview/{times[0][2]}/").content.decode()) == (page, True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?day=yesterday", "Enter a valid date"),
        ("?day=9999-12-31", "That day is still to come"),
        ("", "What did the site say on"),
    ],
)
def test_a_day_that_cannot_be_read_is_asked_for_again(partner, query, words):
    assert words in partner.get("/admin/pages/page/on/" + query).content.decode()


@pytest.mark.parametrize("pages", [1, 3])
def test_the_page_of_a_day_costs_the_same_however_many_pages_there_are(
    partner, django_assert_num_queries, pages
):
    for number in range(pages):
        published(slug=f"page-{number}", at=at(1, 8))
    partner.get("/admin/pages/page/on/?day=2026-07-01")
    with django_assert_num_queries(8):
        partner.get("/admin/pages/page/on/?day=2026-07-01")


def test_a_withdrawn_page_keeps_its_history(partner, paula):
    page = published(at=at(1, 8))
    withdraw(page=page, by=paula, now=timezone.now())
    times = partner.get(of(page, "history")).context["rows"][0].times
    assert times[0].startswith("Live from 1 July 2026, 09:00 until ")


def test_a_second_click_on_taking_up_again_makes_no_second_version(partner):
    page = published(at=at(1, 8), body="<p>One.</p>")
    first = page.history.get()
    republished(page, at=at(2, 8), body="<p>Two.</p>")
    for _ in range(2):
        partner.post(of(page, "restore"), {"version": first.pk})
    assert page.history.count() == 3


def test_an_address_that_leads_to_another_page_by_now_is_not_taken_up_again(partner):
    page = written(slug="mine")
    first = page.history.get()
    page.slug = "renamed"
    page.save()
    other = published(slug="mine", at=at(1, 8))
    republished(other, at=at(2, 8), slug="other")
    response = partner.post(of(page, "restore"), {"version": first.pk}, follow=True)
    assert "/guides/mine/ leads to another page" in response.content.decode()
    assert page.history.count() == 2


@pytest.mark.parametrize("day", ["2099-01-01", "9999-12-31"])
def test_a_day_to_come_is_refused_in_a_sentence(partner, day):
    response = partner.get(f"/admin/pages/page/on/?day={day}")
    assert response.context["form"].errors == {
        "day": ["That day is still to come: choose today, or a day before."]
    }


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_was(now, month, day):
    """23 hours and 25: the first minute of it and of the next."""
    begins = datetime(2026, month, day, 0, 0, tzinfo=LONDON)
    ends = datetime(2026, month, day + 1, 0, 0, tzinfo=LONDON)
    first = published(slug="first", at=begins, title="A")
    republished(first, at=ends - timedelta(minutes=1), body="<p>Last minute.</p>")
    published(slug="next", at=ends, title="B")
    assert [(title, [body for _, body in times]) for title, times in said(begins.date(), now)] == [
        ("A", ["<p>Text.</p>", "<p>Last minute.</p>"])
    ]


def test_what_one_typed_stays_when_a_version_is_taken_up_again_and_that_is_said(partner, paula):
    page = published(at=at(1, 8), body="<p>One.</p>")
    first = page.history.get()
    republished(page, at=at(2, 8), body="<p>Two.</p>")
    partner.post(of(page, "draft"), {"body": "<p>Typed.</p>"})
    shown = partner.post(of(page, "restore"), {"version": first.pk}, follow=True)
    assert shown.context["adminform"].form["body"].value() == "<p>Typed.</p>"
    assert "The form below shows what you typed before" in shown.content.decode()
