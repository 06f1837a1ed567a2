"""Partners write pages in the admin: what saving does and leaves alone, and what no slip can do."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from pages.actions.publishing import publish
from pages.models import Kind, Page, Publication
from tests.writing import published, republished, written

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ADD = "/admin/pages/page/add/"
LIST = "/admin/pages/page/"


@pytest.fixture
def partner(client, paula):
    client.force_login(paula)
    return client


@pytest.fixture
def yesterday():
    return timezone.now() - DAY


def change(page):
    return f"/admin/pages/page/{page.pk}/change/"


def fields_of(page, **changed):
    """What the change form of a guide would post."""
    names = ["title", "summary", "body", "topic", "slug"]
    return {name: getattr(page, name) for name in names} | changed


def errors(response):
    return {name: list(sentences) for name, sentences in response.context["adminform"].form.errors.items()}


def test_saving_makes_a_version_and_visitors_go_on_reading_the_old_one(partner, paula, yesterday):
    page = published(at=yesterday, body="<p>Old.</p>")
    response = partner.post(change(page), fields_of(page, body="<p>New <strong>words</strong>.</p>"))
    assert (response.status_code, response["Location"]) == (302, change(page))
    newest = page.history.latest("history_id")
    assert (newest.body, newest.history_user) == ("<p>New <strong>words</strong>.</p>", paula)
    assert Publication.objects.count() == 1
    shown = partner.get("/guides/filler/").content.decode()
    assert ("Old." in shown, "New <strong>" in shown) == (True, False)


def test_saving_what_is_saved_already_makes_no_version(partner, yesterday):
    page = published(at=yesterday)
    partner.post(change(page), fields_of(page))
    assert page.history.count() == 1


def test_what_word_leaves_in_a_title_and_nobody_sees_is_not_kept(partner, yesterday):
    page = published(at=yesterday)
    title = "Thread\x0blifts\u202e and\u200b fillers\x07"
    partner.post(change(page), fields_of(page, title=title))
    page.refresh_from_db()
    assert page.title == "Thread lifts and fillers"
    refused = partner.post(change(page), fields_of(page, title="\u200b"))
    assert list(refused.context["adminform"].form.errors) == ["title"]


def test_a_summary_is_one_line_however_it_was_written(partner, yesterday):
    page = published(at=yesterday)
    partner.post(change(page), fields_of(page, summary="In\r\nshort. "))
    page.refresh_from_db()
    assert page.summary == "In short."


def test_the_earlier_versions_stay(partner, yesterday):
    page = published(at=yesterday, body="<p>Old.</p>")
    partner.post(change(page), fields_of(page, body="<p>New.</p>"))
    bodies = page.history.order_by("history_id").values_list("body", flat=True)
    assert list(bodies) == ["<p>Old.</p>", "<p>New.</p>"]
    assert Publication.objects.live(yesterday).get().version.body == "<p>Old.</p>"


def test_a_new_guide_is_a_draft_that_nobody_can_read(partner):
    new = {
        "kind": "guide",
        "title": "Fillers",
        "slug": "fillers",
        "summary": "In short.",
        "body": "<p>A.</p>",
    }
    assert partner.post(ADD, new)["Location"] == change(Page.objects.get())
    assert partner.get("/guides/fillers/").status_code == 404


@pytest.mark.parametrize(("button", "view"), [("_preview", "preview"), ("_publish", "publish")])
def test_a_button_saves_and_goes_on(partner, yesterday, button, view):
    page = published(at=yesterday)
    response = partner.post(change(page), fields_of(page, body="<p>New.</p>") | {button: ""})
    assert response["Location"] == f"/admin/pages/page/{page.pk}/{view}/"
    assert page.history.latest("history_id").body == "<p>New.</p>"


def test_what_is_pasted_comes_in_clean(partner, yesterday):
    page = published(at=yesterday)
    partner.post(change(page), fields_of(page, body='<p class="MsoNormal" style="x">A<script>b</script></p>'))
    assert page.history.latest("history_id").body == "<p>A</p>"


def test_a_link_that_leads_nowhere_is_named_and_nothing_is_saved(partner, yesterday):
    page = published(at=yesterday)
    posted = fields_of(page, body='<p><a href="www.example.com">A</a></p>')
    assert errors(partner.post(change(page), posted)) == {
        "body": [
            "This link leads nowhere: “www.example.com”. Begin it with https://, mailto:, tel: "
            "(no spaces in the number), or / for a page of this site."
        ]
    }
    assert page.history.count() == 1


@pytest.mark.parametrize("body", ["<p></p>", "<p>&nbsp;</p>", "<script>a</script>"])
def test_a_page_is_never_empty(partner, yesterday, body):
    page = published(at=yesterday)
    response = partner.post(change(page), fields_of(page, body=body))
    assert errors(response) == {"body": ["Write something here: a page is never empty."]}


def test_a_new_address_leaves_the_old_one_leading_to_it(partner, yesterday):
    page = published(at=yesterday)
    partner.post(change(page), fields_of(page, slug="renamed"))
    assert partner.get("/guides/filler/").status_code == 200
    publish(page=page, by=None, now=timezone.now())
    assert partner.get("/guides/filler/")["Location"] == "/guides/renamed/"


def test_an_address_of_another_page_is_refused(partner, yesterday):
    other = published(slug="first", at=yesterday)
    republished(other, at=yesterday, slug="second")
    written(slug="draft")
    page = published(at=yesterday)
    for slug in ("first", "second", "draft"):
        assert errors(partner.post(change(page), fields_of(page, slug=slug))) == {
            "slug": [f"/guides/{slug}/ leads to another page: choose another address."]
        }
    assert partner.get("/guides/filler/").status_code == 200


def test_an_unfinished_review_is_refused_in_a_sentence(partner, yesterday):
    page = published(at=yesterday)
    response = partner.post(change(page), fields_of(page, reviewed_on="01/11/2026"))
    assert errors(response) == {
        "__all__": [
            "A review has a reviewer, a day, and a later day for the next one: fill in all three, or none."
        ]
    }


def test_fields_of_another_kind_are_refused_in_a_sentence(partner):
    new = {
        "kind": "guide",
        "title": "A",
        "slug": "a",
        "summary": "A.",
        "body": "<p>A.</p>",
        "role": "Partner",
    }
    assert errors(partner.post(ADD, new)) == {
        "__all__": ["Role, name, biography and portrait are for solicitors’ pages: leave them empty."]
    }


def test_a_standard_page_cannot_be_moved_even_by_hand(partner, yesterday):
    page = published(Kind.STANDARD, "privacy", at=yesterday, title="Privacy")
    shown = partner.get(change(page)).context["adminform"].form.fields
    assert list(shown) == ["title", "summary", "body", "based_on"]
    partner.post(change(page), fields_of(page, title="Your privacy", slug="contact", kind="guide"))
    page.refresh_from_db()
    assert (page.kind, page.slug, page.title) == (Kind.STANDARD, "privacy", "Your privacy")


def test_nobody_adds_a_standard_page(partner):
    new = {"kind": "standard", "title": "A", "slug": "privacy", "summary": "A.", "body": "<p>A.</p>"}
    assert list(errors(partner.post(ADD, new))) == ["kind"]
    assert Page.objects.count() == 0


def test_nobody_deletes_a_page(partner, yesterday):
    page = published(at=yesterday)
    assert partner.post(f"/admin/pages/page/{page.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "Delete" not in partner.get(change(page)).content.decode()
    partner.post(LIST, {"action": "delete_selected", "_selected_action": [page.pk], "post": "yes"})
    assert Page.objects.count() == 1


def test_a_guide_shows_the_fields_of_guides_and_a_solicitor_those_of_people(partner, yesterday):
    guide, person = published(at=yesterday), published(Kind.PROFILE, "someone", at=yesterday)
    words = ["title", "summary", "body"]
    assert list(partner.get(change(guide)).context["adminform"].form.fields) == [
        *words, "topic", "author", "reviewed_by", "reviewed_on", "review_due", "slug", "based_on",
    ]  # fmt: skip
    assert list(partner.get(change(person)).context["adminform"].form.fields) == [
        *words, "portrait", "role", "known_as", "expertise", "qualifications", "sra_id",
        "short_biography", "slug", "based_on",
    ]  # fmt: skip


def test_only_solicitors_are_offered_as_authors(partner, yesterday):
    person = published(Kind.PROFILE, "someone", at=yesterday)
    guide = published(at=yesterday)
    offered = partner.get(change(guide)).context["adminform"].form.fields["author"].queryset
    assert list(offered) == [person]


def test_whoever_may_not_publish_may_not_save(client, paula, yesterday):
    group = paula.groups.get()
    group.permissions.remove(Permission.objects.get(codename="publish_page"))
    client.force_login(paula)
    page = published(at=yesterday)
    assert client.get(change(page)).status_code == 200
    assert client.post(change(page), fields_of(page, title="New")).status_code == 403
    assert client.get(ADD).status_code == 403


@pytest.mark.parametrize("who", ["anna", "maya"])
def test_the_desk_and_managers_see_no_pages(client, request, who, yesterday):
    client.force_login(request.getfixturevalue(who))
    page = published(at=yesterday)
    assert client.get(LIST).status_code == 403
    assert client.post(change(page), fields_of(page, title="New")).status_code == 403


def rows(response):
    changelist = response.context["cl"]
    admin = changelist.model_admin
    return [
        (page.title, page.get_kind_display(), admin.review(page), admin.last_saved(page))
        for page in changelist.result_list
    ]


def test_the_list_says_what_each_page_is_and_who_saved_it_when(partner, yesterday):
    person = published(Kind.PROFILE, "someone", at=yesterday)
    guide = published(slug="a", at=yesterday)
    partner.post(change(guide), fields_of(guide, summary="Shorter."))
    review = {"reviewed_on": date(2026, 11, 1), "review_due": date(2027, 11, 1)}
    reviewed = published(slug="b", at=yesterday, reviewed_by=person, **review)
    moment = timezone.now().replace(year=2026, month=7, day=1, hour=9, minute=5)
    for page in (person, guide, reviewed):
        page.history.update(history_date=moment)
    assert rows(partner.get(LIST)) == [
        ("A", "Guide", "not yet reviewed", "1 July 2026, 10:05 by Paula Eve"),
        ("B", "Guide", "by Someone on 1 November 2026, next by 1 November 2027", "1 July 2026, 10:05"),
        ("Someone", "Solicitor", "", "1 July 2026, 10:05"),
    ]


@pytest.mark.parametrize("pages", [1, 3])
def test_the_list_costs_the_same_queries_however_many_pages_there_are(
    partner, yesterday, django_assert_num_queries, pages
):
    for number in range(pages):
        published(slug=f"page-{number}", at=yesterday)
    partner.get(LIST)
    with django_assert_num_queries(10):
        partner.get(LIST)


def test_the_staff_site_allows_the_editor_what_visitors_pages_forbid(partner, yesterday):
    page = published(at=yesterday)
    response = partner.get(change(page))
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    nonce = policy["script-src"].removeprefix("'self' ").strip("'").removeprefix("nonce-")
    assert f'<script type="importmap" nonce="{nonce}">' in response.content.decode()
    assert "unsafe" not in response["Content-Security-Policy"]
    public = partner.get("/guides/filler/")["Content-Security-Policy"]
    assert "nonce" not in public
    assert "sha256" not in public
