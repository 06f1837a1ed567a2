"""The form "Request a Callback": what it accepts, what it refuses, and that nothing typed is lost."""

from html import unescape

import pytest
from django.utils import timezone

from callbacks.models import CallbackRequest, Event, Notice
from callbacks.states import Status
from tests.client import Client

pytestmark = pytest.mark.django_db

ADDRESS = "/request-a-callback/"
GOOD = {"full_name": "Zoë Example", "phone": "07700 900 982", "when": "asap"}
PHONE_WORDS = "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"


def post(client, **answers):
    return client.post(ADDRESS, GOOD | answers)


def page_of(response) -> str:
    return unescape(response.content.decode())


def test_three_answers_are_enough_and_lead_to_the_receipt(client):
    response = post(client)
    request = CallbackRequest.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"/callback/{request.token}/"
    assert (request.full_name, request.phone, request.phone_typed) == (
        "Zoë Example",
        "+447700900982",
        "07700 900 982",
    )
    assert (request.say_who, request.leave_message, request.wanted_at) == (False, False, None)


def test_every_answer_is_stored_as_it_was_given(client, now):
    Notice.objects.create(number=1, text="The wording", first_shown=now)
    given = {
        "email": "zoe@example.com",
        "message": "First line\r\nsecond line",
        "procedure": "Thread lift",
        "procedure_date": "March 2023",
        "clinic": "Some Clinic, Some Town",
        "call_needs": "Relay UK",
    }
    shown = {"page": "/guides/botched-thread-lift/", "page_version": "7", "notice_version": "1"}
    assert post(client, say_who="yes", leave_message="yes", **given, **shown).status_code == 303
    request = CallbackRequest.objects.get()
    stored = {name: getattr(request, name) for name in given}
    assert stored == given | {"message": "First line\nsecond line"}
    assert (request.say_who, request.leave_message) == (True, True)
    assert (request.page, request.page_version, request.notice_version) == (
        "/guides/botched-thread-lift/",
        7,
        1,
    )


@pytest.mark.parametrize("value", ["", "no", "on", "true", "YES", "1"])
def test_only_yes_is_yes(client, value):
    post(client, say_who=value, leave_message=value)
    request = CallbackRequest.objects.get()
    assert (request.say_who, request.leave_message) == (False, False)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("full_name", "", "Enter your name"),
        ("full_name", " \u200b ", "Enter your name"),
        ("full_name", "x" * 121, "Your name must be 120 characters or fewer"),
        ("phone", "", PHONE_WORDS),
        ("phone", "999", PHONE_WORDS),
        ("phone", "call me", PHONE_WORDS),
        ("phone", "960001", "Add the area code, like 01632 960 001"),
        ("phone", "0" * 201, "Enter the phone number alone; the message has room for the rest"),
        ("when", "", "Choose when we should call"),
        ("when", "yesterday", "Choose when we should call: that time is not on offer"),
        ("when", "2026-11-24", "Choose when we should call: that time is not on offer"),
        ("when", "2026-11-24T10:30:00", "Choose when we should call: that time is not on offer"),
        ("when", "0001-01-01T00:00:00+00:00", "Choose when we should call: that time is not on offer"),
        ("email", "zoe@", "Enter an e-mail address like name@example.com, or leave it empty"),
        ("message", "x" * 4001, "Your message must be 4,000 characters or fewer"),
        ("procedure", "x" * 121, "The procedure must be 120 characters or fewer"),
        ("procedure_date", "x" * 201, "The date must be 200 characters or fewer"),
        ("clinic", "x" * 201, "The clinic must be 200 characters or fewer"),
        ("call_needs", "x" * 301, "This must be 300 characters or fewer"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence_in_the_summary_and_beside_the_field(
    client, field, value, sentence
):
    response = post(client, **{field: value})
    page = page_of(response)
    assert response.status_code == 422
    assert CallbackRequest.objects.count() == 0
    assert "<title>Error: Request a Callback" in page
    assert "There is a problem" in page
    assert 'role="alert"' in page
    target = "id_when_0" if field == "when" else f"id_{field}"
    assert f'href="#{target}"' in page
    assert f'id="id_{field}_error"' in page
    assert page.count(sentence) == 2
    assert response["Cache-Control"] == "no-store"


def test_a_wrong_answer_loses_nothing_that_was_typed(client):
    given = {
        "full_name": "O’Brien <b>",
        "phone": "not yet",
        "email": "zoe@example.com",
        "message": "Two\nlines & more",
        "procedure": "Lips",
        "procedure_date": "2022",
        "clinic": "“Some” Clinic",
        "call_needs": "Relay UK",
        "page": "/guides/botched-thread-lift/",
        "page_version": "7",
        "notice_version": "1",
    }
    page = page_of(post(client, say_who="yes", **given))
    for name, value in given.items():
        if name != "message":
            assert f'name="{name}" value="{value}"' in page
    assert ">\nTwo\nlines & more</textarea>" in page
    say_who = page[page.index('name="say_who"') :]
    assert "checked" in say_who[: say_who.index(">")]
    leave_message = page[page.index('name="leave_message"') :]
    assert "checked" not in leave_message[: leave_message.index(">")]
    assert 'href="/guides/botched-thread-lift/"' in page


@pytest.mark.parametrize(
    "name", ["李小龍", "Ng", "D", "Siobhán Ní Bhriain-O’Dowd", "X Æ A-12", "محمد", "नमस्ते", "Zoe\u0301"]
)
def test_no_name_that_people_have_is_refused(client, name):
    assert post(client, full_name=name).status_code == 303


@pytest.mark.parametrize(
    "typed",
    [
        "jane@example.com.",
        "mailto:jane@example.com",
        " jane@exam\u202eple.com\u200b ",
        "jane@exam\u00adple.com",
    ],
)
def test_an_address_is_read_as_it_was_meant(client, typed):
    assert post(client, email=typed).status_code == 303
    assert CallbackRequest.objects.get().email == "jane@example.com"


def test_what_nobody_types_on_purpose_is_cleaned_away(client):
    assert post(client, full_name="Zoe\u0301\x00 \u202eExample\n").status_code == 303
    assert CallbackRequest.objects.get().full_name == "Zoé Example"


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        ("page_version", "seven", None),
        ("page_version", "-1", None),
        ("page_version", "9" * 30, None),
        ("notice_version", "99", None),
        ("notice_version", "²", None),
        ("page", "https://example.com/", ""),
        ("page", "//example.com/", ""),
        ("page", "/\\example.com", ""),
        ("page", "/" + "x" * 200, ""),
    ],
)
def test_a_hidden_field_that_was_tampered_with_is_left_out_and_stops_nothing(client, field, value, stored):
    assert post(client, **{field: value}).status_code == 303
    assert getattr(CallbackRequest.objects.get(), field) == stored


def test_whoever_fills_in_the_honeypot_gets_the_same_receipt_and_is_set_apart(client):
    response = post(client, website="https://spam.example.com")
    request = CallbackRequest.objects.get()
    assert response.status_code == 303
    assert request.status == Status.SUSPECTED_SPAM
    assert request.set_apart_because == "A field that people never see was filled in."
    assert client.get(response["Location"]).status_code == 200


def test_a_double_click_asks_once_and_leads_to_one_receipt(client):
    first, second = post(client), post(client)
    assert first["Location"] == second["Location"]
    assert (CallbackRequest.objects.count(), Event.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "https://evil.example.com"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "https://www.example.com"}, 303),  # SITE_URL, behind a proxy that changes Host
    ],
)
def test_only_a_form_of_ours_is_taken_and_another_loses_nothing(headers, status, settings):
    settings.SITE_URL = "https://www.example.com"
    client = Client(enforce_csrf_checks=True)
    response = client.post(ADDRESS, GOOD, headers=headers)
    assert response.status_code == status
    assert CallbackRequest.objects.count() == (1 if status == 303 else 0)
    if status == 403:
        assert 'value="Zoë Example"' in page_of(response)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_get_our_page_and_are_told_what_is_allowed(client, method):
    response = getattr(client, method)(ADDRESS)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"
    assert "0808 189 7703" in page_of(response)


def test_an_empty_form_stars_its_required_fields_and_shows_no_error(client):
    response = client.get(ADDRESS)
    page = page_of(response)
    assert "* Indicates a required field" in page
    assert page.index("Indicates a required field") < page.index('name="full_name"')
    assert "There is a problem" not in page
    assert "novalidate" in page
    for label in ("Your name", "Telephone", "When shall we call?"):
        after = page[page.index(label) :][:80]
        assert "*" in after
    assert 'value="asap"' in page
    assert page.count('id="callback-form"') == 1


def test_the_form_carries_the_number_of_the_wording_it_shows(client):
    page = page_of(client.get(ADDRESS))
    notice = Notice.objects.get()
    assert notice.text in page
    assert f'name="notice_version" value="{notice.number}"' in page
    assert notice.first_shown <= timezone.now()
    client.get(ADDRESS)
    assert Notice.objects.count() == 1


def test_asking_needs_no_cookie_and_sets_none(client):
    for response in (client.get(ADDRESS), post(client), post(client, phone="")):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "csrfmiddlewaretoken" not in page_of(response)
