"""The SRA's digital badge: where it stands, what lets it in, and that nothing is left once it is off."""

import re
from datetime import timedelta

import pytest
from django.conf import settings as site

from tests.writing import published, withdrawn

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRAME = "https://cdn.yoshki.com/iframe/55845r.html"
CARRY_IT = ["/", "/guides/", "/guides/botched-thread-lift/", "/people/", "/people/michael-saul/"]
CARRY_IT += ["/what-happens/", "/privacy/", "/accessibility/", "/complaints/", "/contact/"]
# A search is somebody's own words; the form and the receipt are somebody's own business.
DO_NOT = ["/search/", "/search/?q=lift", "/request-a-callback/", "/no-such-page/", "/guides/no-such-guide/"]


@pytest.fixture
def switched_on(settings):
    settings.SRA_BADGE = True


def frames(response) -> list[str]:
    return re.findall(r'<iframe[^>]*\ssrc="([^"]*)"', response.content.decode())


def may_frame(response) -> str | None:
    """Whom the page's policy lets into a frame."""
    policy = dict(each.strip().partition(" ")[::2] for each in response["Content-Security-Policy"].split(";"))
    return policy.get("frame-src")


def found(client, paths: list[str]) -> dict[str, tuple[list[str], str | None]]:
    """What each page has in frames, and whom its policy lets into one."""
    answers = {path: client.get(path) for path in paths}
    return {path: (frames(answer), may_frame(answer)) for path, answer in answers.items()}


def test_pages_that_say_nothing_of_their_reader_carry_it(client, first_content, switched_on):
    assert found(client, CARRY_IT) == dict.fromkeys(CARRY_IT, ([FRAME], "https://cdn.yoshki.com"))


def test_other_pages_do_not_nor_may_they(client, first_content, switched_on):
    assert found(client, DO_NOT) == dict.fromkeys(DO_NOT, ([], None))


def test_a_receipt_a_form_sent_back_and_a_page_that_is_gone_do_not(client, asked, switched_on, now):
    withdrawn(page := published(slug="gone", at=now - DAY), at=now - HOUR)
    gone = client.get(page.path)
    said = [gone, client.get(asked().get_absolute_url()), client.post("/request-a-callback/", {})]
    assert [each.status_code for each in said] == [410, 200, 422]
    assert [(frames(each), may_frame(each)) for each in said] == [([], None)] * 3


def test_while_it_is_off_no_page_has_a_frame_or_may_have_one(client, first_content):
    for path in CARRY_IT + DO_NOT:
        response = client.get(path)
        assert (path, frames(response), may_frame(response)) == (path, [], None)
        assert "yoshki" not in response.content.decode(), path


def test_staff_pages_never_carry_it(client, paula, switched_on):
    client.force_login(paula)
    response = client.get("/admin/firm_site/firmdetails/1/change/")
    assert "yoshki" not in response.content.decode() + response["Content-Security-Policy"]


def test_it_comes_late_in_room_that_was_kept_and_is_not_told_which_page(client, first_content, switched_on):
    frame = re.search(r"<iframe[^>]*>", client.get("/").content.decode())[0]
    given = dict(re.findall(r'(\w+)="([^"]*)"', frame))
    assert (given["width"], given["height"]) == ("275", "163")
    assert (given["loading"], given["referrerpolicy"]) == ("lazy", "origin")
    assert given["title"] == "Digital badge of the Solicitors Regulation Authority"
    assert "allow-top-navigation" not in given["sandbox"]
    assert "allow-forms" not in given["sandbox"]


def test_but_for_the_frame_the_policy_is_that_of_every_page():
    without = {name: value for name, value in site.CSP_WITH_BADGE.items() if name != "frame-src"}
    assert without == site.SECURE_CSP
