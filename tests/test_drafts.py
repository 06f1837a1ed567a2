"""No lost work: what is typed is kept for whoever typed it, and two people at once both see both texts."""

import pytest
from django.utils import timezone

from pages.models import Draft, Page, Publication
from tests.conftest import member_of
from tests.writing import published, written

pytestmark = pytest.mark.django_db

ADD = "/admin/pages/page/add/"


@pytest.fixture
def partner(client, paula):
    client.force_login(paula)
    return client


@pytest.fixture
def guide(db):
    return published(at=timezone.now(), title="Fillers", body="<p>Old.</p>", topic="Filler")


def of(page, what="change"):
    return f"/admin/pages/page/{page.pk}/{what}/"


def fields_of(page, **changed):
    names = ["title", "summary", "body", "topic", "slug"]
    return {name: getattr(page, name) for name in names} | changed


def form_on(client, address):
    return client.get(address).context["adminform"].form


def test_what_is_typed_is_kept_and_comes_back_and_no_version_is_made(partner, paula, guide):
    typed = fields_of(guide, body="<p>Half a sen", reviewed_on="1st of")
    answer = partner.post(of(guide, "draft"), typed | {"csrfmiddlewaretoken": "x"}).json()
    assert answer["words"].startswith("Kept at ")
    draft = Draft.objects.get()
    assert (draft.page, draft.by, draft.fields) == (guide, paula, typed)
    form = form_on(partner, of(guide))
    assert (form["body"].value(), form["reviewed_on"].value()) == ("<p>Half a sen", "1st of")
    assert (guide.history.count(), Publication.objects.count()) == (1, 1)


def test_what_is_typed_later_takes_the_place_of_what_was_typed_before(partner, guide):
    for body in ("<p>One.</p>", "<p>Two.</p>"):
        partner.post(of(guide, "draft"), fields_of(guide, body=body))
    assert [draft.fields["body"] for draft in Draft.objects.all()] == ["<p>Two.</p>"]


def test_nobody_else_is_shown_what_one_person_typed(client, partner, guide):
    partner.post(of(guide, "draft"), fields_of(guide, body="<p>Mine.</p>"))
    client.force_login(member_of("partners", "otto", "Otto", "Fry"))
    assert form_on(client, of(guide))["body"].value() == "<p>Old.</p>"


def test_saving_has_the_draft_done_with(partner, guide):
    partner.post(of(guide, "draft"), fields_of(guide, body="<p>New.</p>"))
    partner.post(of(guide), fields_of(guide, body="<p>New.</p>"))
    assert Draft.objects.count() == 0
    assert guide.history.latest("history_id").body == "<p>New.</p>"


def test_a_wrong_form_loses_neither_what_was_typed_nor_the_draft(partner, guide):
    partner.post(of(guide, "draft"), fields_of(guide, title="", body="<p>New.</p>"))
    response = partner.post(of(guide), fields_of(guide, title="", body="<p>New.</p>"))
    assert response.context["adminform"].form["body"].value() == "<p>New.</p>"
    assert Draft.objects.count() == 1


def test_it_can_be_forgotten(partner, guide):
    partner.post(of(guide, "draft"), fields_of(guide, body="<p>New.</p>"))
    assert partner.post(of(guide, "discard"))["Location"] == of(guide)
    assert form_on(partner, of(guide))["body"].value() == "<p>Old.</p>"


def test_a_page_that_is_only_begun_is_kept_too(partner, paula):
    partner.post("/admin/pages/page/add/draft/", {"title": "Begun"})
    assert (Draft.objects.get().page, form_on(partner, ADD)["title"].value()) == (None, "Begun")
    new = {"kind": "guide", "title": "Begun", "slug": "begun", "summary": "A.", "body": "<p>A.</p>"}
    partner.post(ADD, new)
    assert (Draft.objects.count(), Page.objects.get().title) == (0, "Begun")


def test_a_page_that_is_only_begun_can_be_forgotten(partner):
    partner.post("/admin/pages/page/add/draft/", {"title": "Begun"})
    assert partner.post("/admin/pages/page/add/discard/")["Location"] == "/admin/pages/page/"
    assert Draft.objects.count() == 0


def test_too_much_is_refused_in_a_sentence(partner, guide):
    response = partner.post(of(guide, "draft"), fields_of(guide, body="a" * 500_000))
    assert (response.status_code, response.json()) == (422, {"words": "Not kept: this is too long."})
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("who", ["anna", "maya"])
def test_whoever_may_not_write_keeps_nothing(client, request, guide, who):
    client.force_login(request.getfixturevalue(who))
    assert client.post(of(guide, "draft"), fields_of(guide)).status_code == 403
    assert client.post("/admin/pages/page/add/draft/", {"title": "A"}).status_code == 403
    assert Draft.objects.count() == 0


def pieces_of(clash):
    """What is only in mine, and only in theirs."""
    every = [piece for part in [*clash.both.fields, *clash.both.blocks] for piece in part.pieces]
    return [" ".join(each.text for each in every if each.kind == kind) for kind in ("added", "removed")]


def test_the_second_save_shows_both_texts_and_saves_nothing_over_the_first(partner, guide):
    began = guide.history.latest("history_id").pk
    partner.post(of(guide), fields_of(guide, body="<p>Theirs.</p>", based_on=began))
    response = partner.post(of(guide), fields_of(guide, body="<p>Mine.</p>", based_on=began))
    assert guide.history.latest("history_id").body == "<p>Theirs.</p>"
    form = response.context["adminform"].form
    assert (form["body"].value(), pieces_of(form.clash)) == ("<p>Mine.</p>", ["Mine.", "Theirs."])
    shown = response.content.decode()
    assert ("<ins>Mine.</ins>" in shown, "<del>Theirs.</del>" in shown) == (True, True)
    assert "Paula Eve saved this page while you were writing" in shown


def test_having_seen_both_the_next_save_goes_through(partner, guide):
    began = guide.history.latest("history_id").pk
    partner.post(of(guide), fields_of(guide, body="<p>Theirs.</p>", based_on=began))
    shown = partner.post(of(guide), fields_of(guide, body="<p>Mine.</p>", based_on=began))
    again = shown.context["adminform"].form["based_on"].value()
    assert int(again) == guide.history.latest("history_id").pk
    partner.post(of(guide), fields_of(guide, body="<p>Both.</p>", based_on=again))
    assert guide.history.latest("history_id").body == "<p>Both.</p>"


def test_what_i_left_alone_becomes_what_the_other_made_of_it(partner, guide):
    began = guide.history.latest("history_id").pk
    partner.post(of(guide), fields_of(guide, title="Their title", summary="Old", based_on=began))
    guide.refresh_from_db()
    mine = fields_of(guide, title="Fillers", summary="In short.", body="<p>Mine.</p>", based_on=began)
    form = partner.post(of(guide), mine).context["adminform"].form
    assert (form["title"].value(), form["summary"].value()) == ("Their title", "Old")
    assert (form["body"].value(), pieces_of(form.clash)) == ("<p>Mine.</p>", ["Mine.", "Old."])


def test_a_draft_begun_before_the_other_saved_shows_both_texts_too(partner, guide):
    began = guide.history.latest("history_id").pk
    partner.post(of(guide, "draft"), fields_of(guide, body="<p>Mine.</p>", based_on=began))
    guide.body = "<p>Theirs.</p>"
    guide.save()
    form = form_on(partner, of(guide))
    assert int(form["based_on"].value()) == began
    response = partner.post(of(guide), fields_of(guide, body="<p>Mine.</p>", based_on=began))
    assert response.context["adminform"].form.clash.version.body == "<p>Theirs.</p>"


def test_a_clash_does_not_touch_another_page(partner, guide):
    other = written(slug="other")
    began = guide.history.latest("history_id").pk
    other.save()
    partner.post(of(guide), fields_of(guide, body="<p>Mine.</p>", based_on=began))
    assert guide.history.latest("history_id").body == "<p>Mine.</p>"


def test_a_second_click_on_save_is_no_clash_with_oneself(partner, guide):
    began = guide.history.latest("history_id").pk
    for _ in range(2):
        saved = partner.post(of(guide), fields_of(guide, body="<p>Mine.</p>", based_on=began))
        assert (saved.status_code, guide.history.count()) == (302, 2)


def test_the_same_change_to_one_field_does_not_take_back_the_others(partner, guide):
    began = guide.history.latest("history_id").pk
    partner.post(of(guide), fields_of(guide, title="Theirs", body="<p>Both.</p>", based_on=began))
    guide.refresh_from_db()
    partner.post(of(guide), fields_of(guide, title="Fillers", body="<p>Both.</p>", based_on=began))
    assert guide.history.latest("history_id").title == "Theirs"


def test_a_clash_in_a_form_with_an_error_shows_both_texts_all_the_same(partner, guide):
    began = guide.history.latest("history_id").pk
    partner.post(
        of(guide), fields_of(guide, summary="Theirs, in short.", body="<p>Theirs.</p>", based_on=began)
    )
    wrong = fields_of(guide, title="", summary="Mine " * 40, topic="Filler", based_on=began)
    link = '<p>Mine <a href="www.example.com">here</a>.</p>'
    form = partner.post(of(guide), wrong | {"body": link, "reviewed_on": "soon"}).context["adminform"].form
    assert (form["body"].value(), form["reviewed_on"].value()) == (link, "soon")
    assert [change.label for change in form.clash.both.fields] == ["Title", "Summary"]
    added, removed = pieces_of(form.clash)
    assert ("Mine here." in added, removed) == (True, "Fillers Theirs, in short. Theirs.")


def test_a_clash_names_the_solicitors(partner, guide):
    someone = published("profile", "someone", at=timezone.now(), title="Some One")
    began = guide.history.latest("history_id").pk
    partner.post(of(guide), fields_of(guide, body="<p>Theirs.</p>", based_on=began))
    mine = fields_of(guide, author=someone.pk, based_on=began)
    form = partner.post(of(guide), mine).context["adminform"].form
    assert pieces_of(form.clash)[0].startswith("Some One")


def test_a_nul_is_left_out_of_what_is_kept(partner, guide):
    assert partner.post(of(guide, "draft"), fields_of(guide, body="a\0b")).status_code == 200
    assert Draft.objects.get().fields["body"] == "ab"


ANYTHING = ["title", "slug", "summary", "body", "topic", "author", "reviewed_by", "reviewed_on", "review_due"]
ANYTHING += ["portrait", "role", "short_biography", "gone_since"]


@pytest.mark.parametrize("kind", ["guide", "standard", "nonsense", ""])
def test_whatever_was_typed_comes_back_in_every_field(partner, kind):
    typed = dict.fromkeys(ANYTHING, "<b>1st</b>") | {"kind": kind}
    partner.post("/admin/pages/page/add/draft/", typed)
    form = form_on(partner, ADD)
    assert [name for name in typed if name in form.fields and form[name].value() != typed[name]] == []
    assert "gone_since" not in form.initial


SIGNS = "<ul><li>Heat</li><li>Pain</li></ul>"
AS_THE_EDITOR_WRITES_IT = "<ul><li><p>Heat</p></li><li><p>Pain</p></li></ul>"


def test_what_the_editor_only_writes_otherwise_is_no_version(partner):
    page = written(body=SIGNS)
    began = page.history.get().pk
    partner.post(of(page), fields_of(page, body=AS_THE_EDITOR_WRITES_IT, based_on=began))
    assert [version.body for version in page.history.all()] == [SIGNS]


def test_a_body_that_only_the_editor_touched_becomes_what_the_other_made_of_it(partner):
    page = written(body=SIGNS)
    began = page.history.get().pk
    page.body = "<p>Theirs.</p>"
    page.save()
    mine = fields_of(page, title="Mine", body=AS_THE_EDITOR_WRITES_IT, based_on=began)
    assert partner.post(of(page), mine).context["adminform"].form["body"].value() == "<p>Theirs.</p>"
