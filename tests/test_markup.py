"""Markup, formulas and template syntax come out as the text that they are, wherever words are shown."""

import json
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django import forms
from django.core import mail
from django.test import Client
from django.utils import timezone

from callbacks import notices
from callbacks.actions import desk
from callbacks.models import CallbackRequest
from callbacks.states import Outcome
from firm_site.models import FirmDetails
from pages.models import Kind
from tests.conftest import MONDAY, member_of
from tests.payloads import MARKUP
from tests.test_bad_input import named
from tests.test_roles import MAY_OPEN, an_object_of
from tests.writing import published

pytestmark = [pytest.mark.django_db, pytest.mark.faults]  # it walks far, and takes long

REQUESTS = "/admin/callbacks/callbackrequest/"
# One of each way out, for pages that take long to draw.
WAYS_OUT = {
    name: MARKUP[name]
    for name in ("a script", "out of an attribute", "out of a script", "out of a field", "a tag", "a format")
}
STORY = ["full_name", "message", "procedure", "procedure_date", "clinic", "call_needs"]


LEADS = {"href", "src", "action", "formaction", "data", "xlink:href"}


def is_run(address: str) -> bool:
    return address.strip().lower().startswith("javascript:")


class Drawn(HTMLParser):
    """What a browser would make of a page: what could run, and the text that is read."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[str] = []
        self.text, self.inside, self.headings = "", "", 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.headings += tag == "h1"
        given = [(name, value or "") for name, value in attributes]
        self.runs += [f"{tag} {name}" for name, value in given if name.startswith("on")]
        self.runs += [f"{tag} {value}" for name, value in given if name in LEADS and is_run(value)]
        self.runs += [f"{tag} {value}" for name, value in given if tag == "img" and value == "x"]
        self.text += "".join(f" {value} " for _, value in given)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and "alert(1)" in data and not data.lstrip().startswith("{"):
            self.runs.append(data)
        self.text += data


def drawn(response) -> Drawn:
    page = Drawn(b"".join(response).decode())
    assert (page.runs, page.headings) == ([], 1)
    return page


@pytest.fixture
def client_of(client):
    def log_in(group: str) -> Client:
        client.force_login(member_of(group, f"a-{group}", "A", "Person"))
        return client

    return log_in


def asked_with(text: str, asked, **given) -> CallbackRequest:
    fits = {name: text[: CallbackRequest._meta.get_field(name).max_length] for name in STORY}
    return asked(at=timezone.now(), email="zoe@example.com", **fits | given)


@named(WAYS_OUT)
def test_what_a_visitor_writes_is_text_on_every_page_of_the_staff_site(client_of, asked, sent):
    request = asked_with(sent, asked)
    asked_with(sent, asked, set_apart_because="")
    set_apart = asked(full_name=sent + " 2", message=sent, set_apart_because="Looks odd.")
    staff, one = client_of("managers"), f"{REQUESTS}{request.pk}/"
    pages = ["/admin/", REQUESTS, f"{REQUESTS}?show=all", f"{REQUESTS}day/", f"{REQUESTS}reports/"]
    pages += [
        f"{one}change/",
        f"{one}record/",
        f"{REQUESTS}?show=set-apart",
        f"{REQUESTS}{set_apart.pk}/change/",
    ]
    for address in pages:
        drawn(staff.get(address))
    found = drawn(staff.get(REQUESTS, {"show": "all", "q": sent}, follow=True))
    assert sent in found.text
    page = drawn(staff.get(f"{one}change/")).text
    assert " ".join(sent.split()) in " ".join(page.split())


@named(MARKUP)
def test_what_a_visitor_writes_is_no_formula_and_no_markup_in_an_export(client_of, asked, sent):
    asked_with(sent, asked)
    today = timezone.localdate().isoformat()
    export = {"since": today, "until": today, "reason": sent}
    staff = client_of("managers")
    csv = b"".join(staff.post(f"{REQUESTS}export/", export)).decode()
    cells = re.findall(r'(?:^|,)("(?:[^"]|"")*"|[^,]*)', csv.splitlines()[1])
    assert [cell for cell in cells if cell.strip('"').startswith(("=", "+", "-", "@"))] == []
    drawn(staff.get(f"{REQUESTS}reports/"))


@named(WAYS_OUT)
def test_what_staff_write_about_a_call_is_text(client_of, asked, sent):
    staff = client_of("managers")
    request = asked(at=timezone.now())
    one = f"{REQUESTS}{request.pk}/"
    written = {"note": {"note-text": sent}, "carried-out-by": {"carried-out-by-clinic": sent}}
    written |= {"correct-number": {"correct-number-typed": sent + " 07700 900 111"}}
    written |= {"close": {"close-outcome": Outcome.TAKEN_ON, "close-reason": sent}}
    written |= {"hand-over": {"hand-over-case_number": sent}, "reopen": {"reopen-reason": sent}}
    for verb, words in written.items():
        edits = CallbackRequest.objects.get(pk=request.pk).edits
        drawn(staff.post(f"{one}{verb}/", words | {"edits": edits}, follow=True))
    assert sent in drawn(staff.get(f"{one}change/")).text
    drawn(staff.get(f"{one}record/"))


def fill(client: Client, address: str, text: str):
    """Post the form at this address, with `text` in each field that takes words."""
    form = client.get(address).context["adminform"].form
    said = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        said[name] = field.prepare_value(value) if value is not None else ""
        if type(field) is forms.CharField or isinstance(field.widget, forms.Textarea):
            said[name] = text[: field.max_length]
    said |= {"agreed": "yes", "_continue": "1"} | WITHOUT_WORDS
    return client.post(
        address, {name: value for name, value in said.items() if value is not False}, follow=True
    )


# Where only a number or an address would do.
WITHOUT_WORDS: dict[str, str] = {}


@pytest.mark.parametrize(
    ("sent", "group"),
    [(sent, ["managers", "partners"][number % 2]) for number, sent in enumerate(WAYS_OUT.values())],
    ids=WAYS_OUT,
)
def test_what_staff_keep_is_text_on_its_pages_in_its_list_in_its_history_and_in_messages(
    client_of, asked, group, sent
):
    staff = client_of(group)
    for kind in [name for name, may in MAY_OPEN.items() if "one" in may.get(group, "")]:
        if kind == "callbacks.callbackrequest":
            continue
        one = f"/admin/{kind.replace('.', '/')}/{an_object_of(kind, asked)}/"
        drawn(fill(staff, f"{one}change/", sent))
        for address in (f"{one}change/", f"{one}../", f"{one}history/"):
            drawn(staff.get(address, follow=True))
        if "delete" in MAY_OPEN[kind][group]:
            drawn(staff.get(f"{one}delete/"))


@named(MARKUP)
def test_what_a_page_says_is_text_in_the_page_its_title_the_index_the_search_the_feed_and_the_data(
    client, sent
):
    now = timezone.now() - timedelta(hours=1)
    author = published(Kind.PROFILE, "somebody", at=now, title=sent, known_as=sent, role=sent)
    published(Kind.GUIDE, "filler", at=now, title=f"Lift {sent}", summary=sent, topic=sent, author=author)
    for address in ("/", "/guides/", "/people/", "/people/somebody/", "/search/?q=lift", "/guides/filler/"):
        drawn(client.get(address))
    page = client.get("/guides/filler/").content.decode()
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert f"Lift {sent}" in " ".join(unescape(title[1]).split())
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert f"Lift {sent}" in [node.get("headline") for node in json.loads(data[1])["@graph"]]
    for address in ("/feed/", "/sitemap.xml"):
        ElementTree.fromstring(client.get(address).content)
    assert f"Lift {sent}" in "".join(ElementTree.fromstring(client.get("/feed/").content).itertext())


@named(MARKUP)
def test_what_is_searched_for_is_text(client, sent):
    assert sent in drawn(client.get("/search/", {"q": sent})).text


@named(MARKUP)
def test_what_is_typed_for_a_name_at_the_login_is_text(client, sent):
    assert sent in drawn(client.post("/admin/login/", {"username": sent, "password": "x"})).text


@named(MARKUP)
def test_what_the_firm_says_of_itself_is_text_everywhere(client, asked, sent):
    words = [
        each for each in FirmDetails._meta.fields if each.get_internal_type() in {"CharField", "TextField"}
    ]
    FirmDetails.objects.create(
        pk=1, **{each.name: sent[: each.max_length] for each in words if "tele" not in each.name}
    )
    for address in (
        "/",
        "/request-a-callback/",
        "/no/such/page/",
        asked().get_absolute_url(),
        "/admin/login/",
    ):
        drawn(client.get(address))


@named(MARKUP)
def test_no_letter_has_a_header_or_an_element_that_somebody_typed(asked, settings, anna, sent):
    settings.NOTIFY = ["desk@example.com"]
    FirmDetails.objects.create(pk=1, sender_name=sent[:60].replace("%0d%0a", "\r\n"))
    request = asked_with(
        sent.replace("https://", "").replace(".com", ""), asked
    )  # or it would be set apart, and told nothing
    notices.send_owed(now=timezone.now())
    desk.close(pk=request.pk, by=anna, now=timezone.now(), outcome=Outcome.WITHDRAWN)
    notices.send_owed(now=timezone.now() + timedelta(minutes=2))
    assert len(mail.outbox) > 0
    for letter in mail.outbox:
        message = letter.message()
        assert message["Bcc"] is None
        assert message.get_all("To") == [letter.to[0]]
        assert not re.search(r"[\r\n](?![ \t])", str(message["From"]))
        assert sent not in letter.body
        page = Drawn(letter.alternatives[0].content)
        assert page.runs == []


def test_no_name_and_no_word_stands_in_the_entry_for_a_calendar(client, asked):
    request = asked(full_name="Quokka", procedure="Quokka", at=MONDAY)
    entry = client.get(f"{request.get_absolute_url()}call.ics")
    assert b"Quokka" not in entry.content
