"""What pages say of the firm is what is in force: it changes with the setting, and our prose keeps step."""

import re
from datetime import time
from html import unescape
from pathlib import Path

import pytest

from callbacks.actions import desk
from callbacks.hours import DEFAULT, Hours, week_words
from callbacks.models import OpeningHours
from firm_site.models import FirmDetails
from pages.first_content import read

pytestmark = pytest.mark.django_db

NINE, HALF_PAST_FIVE, ONE = time(9), time(17, 30), time(13)


def words(response) -> str:
    """What stands on a page, as it is read."""
    text = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text).replace(" .", ".").replace(" ,", ",").replace(" ;", ";")


@pytest.fixture
def said(client, first_content):
    return lambda path: words(client.get(path))


# Ways to reach the firm


@pytest.mark.parametrize("path", ["/privacy/", "/complaints/"])
def test_the_opening_hours_are_those_that_managers_set(said, path):
    ordinary = "We are open Monday to Friday, 9:00 to 17:30."
    assert f"{ordinary} On bank holidays in England and Wales we are closed." in said(path)
    OpeningHours.objects.filter(weekday=4).update(closes=ONE)
    OpeningHours.objects.create(weekday=5, opens=NINE, closes=ONE)
    assert "We are open Monday to Thursday, 9:00 to 17:30; Friday and Saturday, 9:00 to 13:00." in said(path)
    OpeningHours.objects.all().delete()
    assert "At present we have no regular hours." in said(path)


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (DEFAULT.weekly, ["Monday to Friday, 9:00 to 17:30"]),
        ({0: (NINE, ONE)}, ["Monday, 9:00 to 13:00"]),
        ({0: (NINE, ONE), 2: (NINE, ONE)}, ["Monday, 9:00 to 13:00", "Wednesday, 9:00 to 13:00"]),
        ({5: (NINE, ONE), 6: (NINE, ONE)}, ["Saturday and Sunday, 9:00 to 13:00"]),
        ({6: (NINE, ONE), 0: (NINE, HALF_PAST_FIVE)}, ["Monday, 9:00 to 17:30", "Sunday, 9:00 to 13:00"]),
        ({}, []),
    ],
)
def test_a_week_in_words(week, said):
    assert week_words(Hours(week)) == said


@pytest.mark.parametrize("path", ["/privacy/", "/complaints/"])
def test_the_ways_to_reach_the_firm_are_those_that_partners_filled_in(client, first_content, said, path):
    before = said(path)
    assert "Ring 0808 189 7703." in before
    assert "Write to" not in before
    assert "Send a letter" not in before
    FirmDetails.objects.create(
        pk=1, telephone="020 7946 0958", email="post@example.com", registered_office="1 High Street, Leeds"
    )
    html = client.get(path).content.decode()
    assert '<p>Write to <a href="mailto:post@example.com">post@example.com</a>.</p>' in html
    assert 'Ring <a class="telephone" href="tel:+442079460958">020 7946 0958</a>' in html
    assert "Send a letter to Cosmetic Surgery Solicitors, 1 High Street, Leeds." in said(path)
    FirmDetails.objects.update(company_name="Example Law Limited")
    assert "Send a letter to Example Law Limited, 1 High Street, Leeds." in said(path)


# How often we try


def test_how_often_we_try_is_what_the_desk_does(said, monkeypatch):
    assert "We try 3 times." in said("/privacy/")
    assert "You then have 14 days in which you can choose another time." in said("/privacy/")
    monkeypatch.setattr(desk, "LAST_ATTEMPT", 5)
    assert "We try 5 times." in said("/privacy/")


def test_the_prose_of_what_happens_gives_the_same_numbers():
    (body,) = (fields["body"] for fields in read() if fields["slug"] == "what-happens")
    numbers = ["no", "once", "twice", "three times", "four times"]
    assert f"We try {numbers[desk.LAST_ATTEMPT]}." in body
    assert f"You have {desk.WAITS_BEFORE_GIVING_UP.days} days in which" in body


def test_no_other_text_gives_a_number_of_tries():
    tries = re.compile(r"\btr(?:y|ied) \w+ times")
    assert [fields["slug"] for fields in read() if tries.search(fields["body"])] == ["what-happens"]


# Other companies


def test_the_privacy_page_names_the_one_other_company_while_there_is_one(said, settings):
    assert "Nothing on these pages comes from another company." in said("/privacy/")
    settings.SRA_BADGE = True
    page = said("/privacy/")
    assert "Nothing on these pages comes from another company." not in page
    assert "comes from Yoshki, the company that runs it for the authority ( cdn.yoshki.com )" in page
    assert "We do not decide whether Yoshki sets one of its own in its frame" in page


# Complaints


@pytest.mark.parametrize(
    "fact",
    [
        "six months from our final answer",
        "one year from the act that you are complaining about",
        "on 0300 555 0333, or write to Legal Ombudsman, PO Box 6167, Slough SL1 0EH",
        "report it to the SRA at sra.org.uk",
    ],
)
def test_whatever_partners_write_the_complaints_page_says_whom_to_turn_to(said, fact):
    assert fact in said("/complaints/")
    (body,) = (fields["body"] for fields in read() if fields["slug"] == "complaints")
    assert fact not in body
    assert fact not in said("/privacy/")


def test_the_complaints_page_gives_the_sra_number_once_it_is_set(said):
    assert "Our SRA number" not in said("/complaints/")
    FirmDetails.objects.create(pk=1, sra_number="123456")
    assert "Our SRA number is 123456." in said("/complaints/")


# The foot of every page

FOOT = {
    "company_name": "Company: Example Law Limited",
    "company_number": "Company number 01234567",
    "place_of_registration": "Registered in England and Wales",
    "registered_office": "Registered office: 1 High Street, Leeds",
    "vat_number": "VAT number GB 000 0000 00",
    "professional_title": "Solicitors of England and Wales, under the SRA Standards and Regulations",
    "indemnity_insurer": "Professional indemnity insurer: Example Insurer",
    "email": "post@example.com",
}


@pytest.mark.parametrize(("field", "line"), FOOT.items(), ids=list(FOOT))
def test_each_line_of_the_foot_stands_once_it_is_filled_in_on_any_page(client, field, line):
    assert line not in words(client.get("/guides/"))
    value = line.removeprefix("Company: ").removeprefix("Company number ").removeprefix("VAT number ")
    value = value.removeprefix("Registered in ").removeprefix("Registered office: ")
    FirmDetails.objects.create(pk=1, **{field: value.removeprefix("Professional indemnity insurer: ")})
    for path in ("/guides/", "/request-a-callback/", "/search/?q=x"):
        assert line in words(client.get(path))


def test_the_sra_number_leads_to_its_place_in_the_register(client):
    FirmDetails.objects.create(pk=1, sra_number="123456")
    html = client.get("/").content.decode()
    register = "https://www.sra.org.uk/consumers/register/organisation/?sraNumber=123456"
    assert f'<a href="{register}">SRA number 123456</a>' in html
    assert "Authorised and regulated by the Solicitors Regulation Authority" in html


def test_no_template_offers_no_win_no_fee_which_a_page_would_have_to_explain():
    texts = {path: path.read_text() for path in Path("templates").rglob("*.*")}
    assert [path for path, text in texts.items() if re.search(r"no[\s-]+win", text, re.IGNORECASE)] == []
