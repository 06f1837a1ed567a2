"""The step after writing, as partners take it: publish now or at a London time, withdraw, put back."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.utils import timezone

from pages.actions.publishing import publish
from pages.admin.london import LondonMoment, comes_twice
from pages.models import Kind, Publication
from tests.writing import published, withdrawn, written

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def partner(client, paula):
    client.force_login(paula)
    return client


@pytest.fixture
def guide(db):
    """A guide that is live, with a newer draft."""
    page = published(at=timezone.now() - HOUR, title="Fillers", body="<h2>Infection</h2><p>One. Two.</p>")
    page.body = "<h2>Infection</h2><p>One. Two. Three.</p>"
    page.save()
    return page


def of(page, what):
    return f"/admin/pages/page/{page.pk}/{what}/"


def errors(response):
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


def live_bodies(at=None):
    return [live.version.body for live in Publication.objects.live(at or timezone.now())]


def answers(page, **given):
    return {"version": page.history.latest("history_id").pk, "when": "now"} | given


def test_the_page_says_in_plain_words_what_visitors_will_see_change(partner, guide):
    response = partner.get(of(guide, "publish"))
    assert response.context["changes"] == ["1 sentence in “Infection”"]
    assert "1 sentence in “Infection”" in response.content.decode()
    assert Publication.objects.count() == 1


def test_publishing_now_shows_visitors_the_version_and_says_who(partner, paula, guide):
    response = partner.post(of(guide, "publish"), answers(guide, change="A sentence more."), follow=True)
    assert response.redirect_chain == [(of(guide, "change"), 302)]
    made = Publication.objects.latest("pk")
    assert (made.by, made.change, live_bodies()) == (paula, "A sentence more.", [guide.body])
    assert "Published." in response.content.decode()
    assert "Put back" in response.content.decode()
    assert "A sentence more." in partner.get("/guides/filler/").content.decode()


def test_what_was_looked_at_is_published_though_somebody_saved_meanwhile(partner, guide):
    seen = answers(guide)
    guide.body = "<p>Not looked at.</p>"
    guide.save()
    partner.post(of(guide, "publish"), seen)
    assert live_bodies() == ["<h2>Infection</h2><p>One. Two. Three.</p>"]


def test_publishing_at_a_time_shows_it_from_then_on(partner, guide):
    at = answers(guide, when="at", at="2099-07-03T09:00")
    response = partner.post(of(guide, "publish"), at, follow=True)
    assert "Scheduled. Visitors read it from 3 July 2099, 09:00 on." in response.content.decode()
    made = Publication.objects.latest("pk")
    assert made.live_from == datetime(2099, 7, 3, 8, tzinfo=UTC)
    assert live_bodies() == ["<h2>Infection</h2><p>One. Two.</p>"]


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        ({"when": "at"}, {"at": ["Say when, as a day and a time."]}),
        ({"when": "at", "at": "soon"}, {"at": ["Write the day and the time like 3/12/2026 09:00."]}),
        (
            {"when": "at", "at": "2020-01-01T09:00"},
            {"at": ["That time has passed. Choose one to come, or “Now”."]},
        ),
        (
            {"when": "at", "at": "2099-03-29T01:30"},
            {
                "at": [
                    "There is no 1:30 on 29 March 2099: the clocks go forward that night. "
                    "Choose an hour later."
                ]
            },
        ),
        ({"when": "at", "at": "2099-10-25T01:30"}, {"which": ["Choose one of the two."]}),
        (
            {"when": "tomorrow"},
            {"when": ["Select a valid choice. tomorrow is not one of the available choices."]},
        ),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_a_sentence_and_nothing_is_lost(partner, guide, given, sentences):
    response = partner.post(of(guide, "publish"), answers(guide, change="Kept.", **given))
    assert (response.status_code, errors(response)) == (422, sentences)
    assert response.context["form"]["change"].value() == "Kept."
    assert Publication.objects.count() == 1


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_of_a_time_that_comes_twice_the_one_that_was_meant_is_taken(partner, guide, which, hour):
    partner.post(of(guide, "publish"), answers(guide, when="at", at="2099-10-25T01:30", which=which))
    assert Publication.objects.latest("pk").live_from == datetime(2099, 10, 25, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "in_utc"),
    [
        ("2027-03-28T00:59", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        ("2027-03-28T02:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("2027-10-31T00:59", datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
        ("2027-10-31T02:00", datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
        ("31/10/2027 09:00", datetime(2027, 10, 31, 9, 0, tzinfo=UTC)),
    ],
)
def test_london_time_is_right_on_both_nights_when_clocks_change(typed, in_utc):
    at = LondonMoment().clean(typed)
    assert (at.astimezone(UTC), comes_twice(at)) == (in_utc, False)


def test_the_skipped_hour_is_refused_to_its_last_minute():
    for typed in ("2027-03-28T01:00", "2027-03-28T01:59"):
        with pytest.raises(forms.ValidationError, match="the clocks go forward"):
            LondonMoment().clean(typed)


def scheduled(page):
    return publish(page=page, by=None, now=timezone.now(), live_from=timezone.now() + HOUR)


def test_while_something_is_scheduled_the_page_asks_what_becomes_of_it(partner, guide):
    scheduled(guide)
    guide.body = "<p>Newest.</p>"
    guide.save()
    asked = partner.post(of(guide, "publish"), answers(guide))
    assert errors(asked) == {"later": ["Say what becomes of what is scheduled."]}
    partner.post(of(guide, "publish"), answers(guide, later="move"))
    assert live_bodies() == live_bodies(timezone.now() + 2 * HOUR) == ["<p>Newest.</p>"]


def test_what_is_scheduled_can_be_dropped_from_the_page(partner, paula, guide):
    made = scheduled(guide)
    assert "Scheduled for" in partner.get(of(guide, "change")).content.decode()
    partner.post(of(guide, "unschedule"), {"publication": made.pk})
    made.refresh_from_db()
    assert (made.dropped_by, live_bodies(timezone.now() + 2 * HOUR)) == (
        paula,
        ["<h2>Infection</h2><p>One. Two.</p>"],
    )


STOPPED = "<p>We guarantee that you will win.</p>"


def test_a_stop_holds_until_a_reason_is_written_and_the_reason_stays_on_record(partner, guide):
    guide.body = STOPPED
    guide.save()
    response = partner.post(of(guide, "publish"), answers(guide))
    reason = "There are stops above: mend them, or write why it may go out all the same."
    assert errors(response) == {"passed_because": [reason]}
    assert STOPPED not in live_bodies()
    partner.post(of(guide, "publish"), answers(guide, passed_because="It is a quotation."))
    made = Publication.objects.latest("pk")
    assert (made.passed_because, live_bodies()) == ("It is a quotation.", [STOPPED])
    assert made.passed != []


def test_warnings_stop_nobody(partner, guide):
    guide.title = "A title that is rather longer than sixty characters, and so is cut short"
    guide.save()
    assert partner.get(of(guide, "publish")).context["found"] != []
    partner.post(of(guide, "publish"), answers(guide))
    assert live_bodies() == [guide.body]


def test_withdrawing_first_shows_what_goes_with_it(partner, guide):
    published(slug="other", at=timezone.now(), title="Other", body='<p><a href="/guides/filler/">A</a></p>')
    response = partner.get(of(guide, "withdraw"))
    assert [(link.title, link.href) for link in response.context["broken"]] == [("Other", "/guides/filler/")]
    assert Publication.objects.live(timezone.now()).count() == 2


def test_withdrawing_is_not_stopped_by_what_is_scheduled(partner, guide):
    scheduled(guide)
    partner.post(of(guide, "withdraw"))
    assert live_bodies(timezone.now() + 2 * HOUR) == []


def test_withdrawing_a_profile_shows_which_guides_lose_it(partner):
    someone = published(Kind.PROFILE, "someone", at=timezone.now(), title="Some One")
    published(at=timezone.now(), title="Fillers", author=someone)
    shown = partner.get(of(someone, "withdraw")).content.decode()
    assert "Fillers" in shown
    partner.post(of(someone, "withdraw"))
    assert [live.version.title for live in Publication.objects.live(timezone.now())] == ["Fillers"]


def test_a_withdrawn_page_answers_that_it_is_gone_and_can_be_put_back(partner, guide):
    partner.post(of(guide, "withdraw"))
    assert partner.get("/guides/filler/").status_code == 410
    gone = Publication.objects.latest("pk")
    partner.post(of(guide, "put-back"), {"publication": gone.pk})
    assert partner.get("/guides/filler/").status_code == 200


def test_a_standard_page_is_not_withdrawn_even_by_hand(partner):
    page = published(Kind.STANDARD, "privacy", at=timezone.now())
    assert "Withdraw" not in partner.get(of(page, "change")).content.decode()
    shown = partner.post(of(page, "withdraw"), follow=True).content.decode()
    assert "Every site like this must have this page" in shown
    assert partner.get("/privacy/").status_code == 200


@pytest.mark.parametrize("what", ["put-back", "unschedule"])
@pytest.mark.parametrize("named", ["", "x", "99999999999999999999", "another"])
def test_a_button_names_a_publication_of_its_page(partner, guide, what, named):
    other = published(slug="other", at=timezone.now()).publications.get().pk
    posted = {"publication": other if named == "another" else named}
    assert partner.post(of(guide, what), posted).status_code == 404


@pytest.mark.parametrize("who", ["anna", "maya"])
def test_nobody_but_partners_opens_or_does_any_of_it(client, request, guide, who):
    client.force_login(request.getfixturevalue(who))
    made = guide.publications.get()
    posted = answers(guide, publication=made.pk)
    verbs = ["publish", "withdraw", "put-back", "unschedule"]
    for what in [*verbs, "history", "compare", "restore", "preview", "discard"]:
        for answer in (client.get(of(guide, what)), client.post(of(guide, what), posted)):
            assert answer.status_code in {403, 405}, what
    assert (Publication.objects.count(), guide.history.count()) == (1, 2)


def state(partner, page):
    changelist = partner.get("/admin/pages/page/").context["cl"]
    return next(changelist.model_admin.state(row) for row in changelist.result_list if row.pk == page.pk)


def test_the_list_says_of_each_page_where_it_stands(partner, guide):
    now = timezone.now()
    live, gone = published(slug="live", at=now - HOUR), published(slug="gone", at=now - HOUR)
    withdrawn(gone, at=now)
    later = written(slug="later")
    publish(page=later, by=None, now=now, live_from=datetime(2099, 7, 3, 8, tzinfo=UTC))
    assert state(partner, live) == "Live"
    assert state(partner, guide) == "Live, with a newer draft"
    assert state(partner, gone) == "Withdrawn"
    assert state(partner, written(slug="draft")) == "Draft, never published"
    assert state(partner, later) == "Not yet live; scheduled for 3 July 2099, 09:00"


def test_a_guide_tells_its_readers_what_changed(client, guide):
    now = timezone.now()
    for hours, change in ((1, "Added a sign."), (2, "")):
        guide.body = f"<p>{hours}</p>"
        guide.save()
        publish(page=guide, by=None, now=now - HOUR + timedelta(minutes=hours), change=change)
    shown = client.get("/guides/filler/").context["changes"]
    assert [each.change for each in shown] == ["Added a sign."]


def test_a_change_that_was_put_back_is_told_no_more(partner, paula, guide):
    made = publish(page=guide, by=paula, now=timezone.now(), change="Added a sign.")
    partner.post(of(guide, "put-back"), {"publication": made.pk})
    assert partner.get("/guides/filler/").context["changes"] == []


def test_a_second_click_on_publish_at_asks_nothing_and_schedules_once(partner, guide):
    at = answers(guide, when="at", at="2099-10-25T01:30", which="second")
    for _ in range(2):
        assert partner.post(of(guide, "publish"), at).status_code == 302
    assert Publication.objects.count() == 2


def instead_of(page):
    return Publication.objects.begun(timezone.now()).filter(page=page).first().pk


def test_what_somebody_else_published_meanwhile_is_not_undone_unseen(partner, guide):
    seen = answers(guide, instead_of=instead_of(guide))
    guide.body = "<p>The other partner's.</p>"
    guide.save()
    publish(page=guide, by=None, now=timezone.now())
    response = partner.post(of(guide, "publish"), seen)
    (said,) = errors(response)["__all__"]
    assert said.startswith("Somebody has changed what visitors read since you opened this page.")
    assert live_bodies() == ["<p>The other partner's.</p>"]
    assert f'name="instead_of" value="{instead_of(guide)}"' in response.content.decode()
    partner.post(of(guide, "publish"), seen | {"instead_of": instead_of(guide)})
    assert live_bodies() == ["<h2>Infection</h2><p>One. Two. Three.</p>"]


def test_a_second_click_on_publish_is_no_quarrel_with_oneself(partner, guide):
    seen = answers(guide, instead_of=instead_of(guide))
    for _ in range(2):
        assert partner.post(of(guide, "publish"), seen).status_code == 302
    assert Publication.objects.count() == 2


def test_a_page_that_was_never_live_is_published_instead_of_nothing(partner):
    page = written(slug="new")
    assert 'name="instead_of" value="0"' in partner.get(of(page, "publish")).content.decode()
    assert partner.post(of(page, "publish"), answers(page, instead_of=0)).status_code == 302


def test_a_change_that_was_undone_can_be_published_so_that_nothing_is_left_to_do(partner, guide):
    guide.body = "<h2>Infection</h2><p>One. Two.</p>"
    guide.save()
    assert state(partner, guide) == "Live, with a newer draft"
    shown = partner.get(of(guide, "publish")).content.decode()
    assert "Nothing: visitors read the same already." in shown
    assert '<button type="submit" class="first">Publish</button>' in shown
    partner.post(of(guide, "publish"), answers(guide))
    assert state(partner, guide) == "Live"


def test_what_is_live_is_not_offered_for_publishing(partner):
    page = published(slug="live", at=timezone.now())
    assert '<button type="submit" class="first">' not in partner.get(of(page, "publish")).content.decode()


def test_published_now_a_time_that_was_half_typed_is_no_matter(partner, guide):
    assert partner.post(of(guide, "publish"), answers(guide, at="2099-03-29T01:30")).status_code == 302
    assert live_bodies() == [guide.body]


def test_a_choice_with_an_error_is_read_out_with_it(partner, guide):
    scheduled(guide)
    shown = partner.post(of(guide, "publish"), answers(guide)).content.decode()
    assert 'aria-describedby="id_later_error"' in shown
    assert 'id="id_later_error"' in shown


@pytest.mark.parametrize("pages", [1, 4])
@pytest.mark.parametrize(("what", "queries"), [("change", 20), ("publish", 17), ("withdraw", 12)])
def test_a_page_of_publishing_costs_the_same_however_many_pages_there_are(
    partner, guide, django_assert_num_queries, what, queries, pages
):
    guide.body = '<p><a href="/guides/linked-0/">A</a></p>'
    guide.author = published(Kind.PROFILE, "someone", at=timezone.now())
    guide.save()
    for number in range(pages):
        published(slug=f"linked-{number}", at=timezone.now(), body='<p><a href="/guides/filler/">A</a></p>')
    partner.get(of(guide, what))
    with django_assert_num_queries(queries):
        partner.get(of(guide, what))
