"""What partners find when they log in: the pages that want something, and what is still empty."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from firm_site.models import FirmDetails
from pages.actions.publishing import publish
from pages.models import Draft, Kind
from tests.writing import published, withdrawn, written

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
def partner(client, paula):
    client.force_login(paula)
    return client


def parts(partner):
    return dict(partner.get("/admin/").context["parts"])


def needs(partner):
    return [(page.title, why) for page, why in parts(partner)["admin/pages/_needs.html"]["needs"]]


def reviewed(slug, due, **fields):
    someone = published(Kind.PROFILE, f"{slug}-author", at=NOW)
    review = {"reviewed_by": someone, "reviewed_on": date(2020, 1, 1), "review_due": due}
    return published(slug=slug, at=NOW, **review | fields)


def test_each_page_says_what_it_wants_and_what_is_right_is_not_there(partner, paula):
    in_a_year = timezone.localdate() + timedelta(days=365)
    reviewed("fine", in_a_year)
    reviewed("overdue", date(2026, 6, 30), title="Overdue")
    published(slug="unread", at=NOW, title="Unread")
    newer = published(Kind.PROFILE, "someone", at=NOW, title="Newer")
    newer.title = "Newer still"
    newer.save()
    withdrawn(published(Kind.PROFILE, "left", at=NOW), at=timezone.now())
    written(Kind.PROFILE, "begun", title="Begun")
    coming = written(Kind.PROFILE, "coming", title="Coming")
    publish(page=coming, by=None, now=NOW, live_from=datetime(2099, 7, 3, 8, tzinfo=UTC))
    Draft.objects.create(page=coming, by=paula, fields={}, at=NOW)
    assert needs(partner) == [
        ("Overdue", ["Review was due by 30 June 2026"]),
        ("Unread", ["Not yet reviewed"]),
        ("Begun", ["Draft, never published"]),
        (
            "Coming",
            [
                "You typed something on 1 July 2026, 09:00 and have not saved it",
                "Not yet live; scheduled for 3 July 2099, 09:00",
            ],
        ),
        ("Newer still", ["Live, with a newer draft"]),
    ]


def test_a_page_that_was_begun_and_never_saved_is_there(partner, paula):
    Draft.objects.create(page=None, by=paula, fields={"title": "A"}, at=NOW)
    assert parts(partner)["admin/pages/_needs.html"]["begun"] == "1 July 2026, 09:00"


def test_with_nothing_to_do_it_says_so(partner):
    assert needs(partner) == []
    assert "All pages are as they should be." in partner.get("/admin/").content.decode()


def test_what_the_firm_has_still_to_say_of_itself_is_named(partner):
    filled = dict.fromkeys(("calling_number", "email", "sra_number", "company_name"), "A")
    FirmDetails.objects.update_or_create(pk=1, defaults=filled)
    assert parts(partner)["admin/firm_site/_empty.html"]["empty"] == [
        "company number",
        "place of registration",
        "registered office",
        "professional title and rules",
        "indemnity insurer",
    ]


@pytest.mark.parametrize("pages", [1, 4])
def test_it_costs_the_same_however_many_pages_there_are(partner, django_assert_num_queries, pages):
    for number in range(pages):
        published(slug=f"page-{number}", at=NOW)
    partner.get("/admin/")
    with django_assert_num_queries(12):
        partner.get("/admin/")


def test_the_desk_has_the_desk_for_its_front_page(client, anna):
    client.force_login(anna)
    response = client.get("/admin/")
    assert (response.context["title"], "parts" in response.context) == ("The desk", False)


def test_a_review_counts_once_visitors_read_of_it(partner):
    guide = reviewed("overdue", date(2026, 6, 30), title="Overdue")
    guide.review_due = timezone.localdate() + timedelta(days=365)
    guide.save()
    assert needs(partner)[0] == ("Overdue", ["Live, with a newer draft", "Review was due by 30 June 2026"])
