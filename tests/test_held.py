"""Everything held on a number or an address, as one file: for managers, on record, and without what is held
back or tells of others."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone

from callbacks.actions import Refused, answering, complaining, desk, keeping, visiting
from callbacks.actions.complaining import Grievance, complain
from callbacks.actions.exporting import disclose
from callbacks.admin.held import all_held
from callbacks.models import CallbackRequest, DataComplaint, Event, Ground, Note, Notice
from tests.client import Client, post_with_code
from tests.conftest import MONDAY

pytestmark = pytest.mark.django_db

HELD = "/admin/callbacks/callbackrequest/held/"
REASON = "They asked in writing."
ON = {"of": "07700900982", "reason": REASON}


@pytest.fixture
def manager(client, maya) -> Client:
    client.force_login(maya)
    return client


def file_on(client: Client, of: str) -> str:
    response = post_with_code(client, HELD, {"of": of, "reason": REASON})
    assert "attachment" in response.headers.get("Content-Disposition", "")
    return unescape(response.content.decode())


@pytest.fixture
def worked(asked, anna) -> CallbackRequest:
    """A request with everything that there can be of one."""
    Notice.objects.create(number=7, text="We use what you write to call you.", first_shown=MONDAY)
    request = asked(
        email="Zoe@example.com",
        message="The message",
        procedure="The procedure",
        procedure_date="March 2024",
        clinic="The clinic",
        call_needs="The needs",
    )
    CallbackRequest.objects.filter(pk=request.pk).update(notice_version=7)
    visiting.add(pk=request.pk, by=None, now=MONDAY, text="The addition")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    answering.write(pk=request.pk, by=anna, now=MONDAY, question="notes", text="The answer", edits=0)
    desk.add_note(pk=request.pk, by=anna, now=MONDAY, text="The note")
    request.notices.filter(kind="receipt").update(sent_at=MONDAY, try_again_at=None)
    return request


@pytest.mark.parametrize(
    "of", ["07700 900982", "+44 (0)7700 900 982", "0044 7700900982", "zoe@example.com", " ZOE@EXAMPLE.COM "]
)
def test_it_is_found_in_any_writing_and_everything_is_in_it(worked, manager, of):
    html = file_on(manager, of)
    for held in (
        str(worked),
        "Zoë Example",
        "07700 900982",
        "Zoe@example.com",
        "The message",
        "The procedure",
        "March 2024",
        "The clinic",
        "The needs",
        "The addition",
        "The answer",
        "Notes of the call",
        "The note",
        "23 November 2026, 10:00, Anna Bell",
        "They asked to be called",
        "Anna Bell claimed it",
        "“we have your request”, sent 23 November 2026, 10:00",
        "We use what you write to call you.",
        "/guides/botched-thread-lift/, version 1",
        "1 March 2027, worked out from the date",
    ):
        assert held in html, held
    assert html.count("<h2>") == 1


def test_all_their_requests_are_in_it_and_nobody_else_s(asked, manager, anna):
    asked(message="The first")
    closed = asked(message="The second", at=MONDAY + timedelta(minutes=1))
    desk.close(pk=closed.pk, by=anna, now=MONDAY, outcome="no_breach")
    asked(full_name="Ann Other", message="Of another", email="ann@example.com")
    html = file_on(manager, "07700900982")
    assert ("The first" in html, "The second" in html, "Of another" in html) == (True, True, False)
    assert "Closed: not viable: no breach of duty" in html


def test_markup_comes_out_as_the_text_it_is(asked, manager):
    asked(message="<script>alert(1)</script>", clinic="<b>Fern</b>")
    response = post_with_code(manager, HELD, ON)
    html = response.content.decode()
    assert ("<script>" in html, "<b>Fern" in html) == (False, False)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_nobody_keeps_it_and_it_is_no_page_of_this_site(worked, manager):
    response = post_with_code(manager, HELD, ON)
    assert "no-store" in response["Cache-Control"].split(", ")
    today = timezone.localdate()
    assert response["Content-Disposition"] == f'attachment; filename="held-{today}.html"'
    assert (b"http" in response.content, b"src=" in response.content) == (False, False)


# What is not in it


@pytest.fixture
def held_back(worked) -> CallbackRequest:
    CallbackRequest.objects.filter(pk=worked.pk).update(
        status="conflict_check",
        conflict_since=MONDAY,
        claimed_by=None,
        claimed_at=None,
        claim_ends_at=None,
    )
    Event.objects.create(request=worked, kind="resembles", actor="system", at=MONDAY)
    return worked


def test_a_held_story_is_not_in_it_and_the_file_says_who_adds_it(held_back, manager):
    html = file_on(manager, "07700900982")
    words = ["message", "procedure", "clinic", "addition", "answer", "note"]
    assert [word for word in words if f"The {word}" in html] == []
    assert "botched-thread-lift" not in html
    assert "a partner of the firm has to add them before it is given to anybody" in html
    assert ("The needs" in html, "Zoë Example" in html) == (True, True)


def test_it_does_not_tell_whom_else_the_firm_acts_for(held_back, manager):
    html = file_on(manager, "07700900982").lower()
    assert ("resembl" in html, "conflict" in html, "party" in html) == (False, False, False)


def test_how_it_ended_does_not_tell_it_either(held_back, manager, anna):
    desk.close(pk=held_back.pk, by=anna, now=MONDAY, outcome="conflict")
    html = file_on(manager, "07700900982").lower()
    assert "conflict" not in html
    assert "closed: we could not act" in html
    assert "anna bell closed it: we could not act" in html


def complained(**given) -> DataComplaint:
    words = {"full_name": "Zoë Example", "happened": "You wrote to my old address."} | given
    return complain(grievance=Grievance(**words), by=None, now=MONDAY)


@pytest.mark.parametrize(
    ("of", "how"),
    [
        ("ZOE@example.com", {"email": "zoe@example.com"}),
        ("07700900982", {"reach": "1 High Street\n+44 (0)7700 900 982"}),
    ],
    ids=["by e-mail", "by telephone"],
)
def test_their_complaint_about_data_protection_is_in_it_and_that_is_on_record(asked, manager, maya, of, how):
    complaint = complained(about="AC-EFHJ-KLMN", **how)
    complained(full_name="Ann Other", happened="Of another.", email="ann@example.com", reach="07700 900 555")
    DataComplaint.objects.filter(pk=complaint.pk).update(outcome="We said sorry.")
    alone = file_on(manager, of)
    for held in (
        str(complaint),
        "Zoë Example",
        "You wrote to my old address.",
        "AC-EFHJ-KLMN",
        "We said sorry.",
    ):
        assert held in alone, held
    assert ("Of another" in alone, "0 requests" in alone) == (False, False)
    assert "1 complaint about data protection" in alone
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.change_message) == (
        maya,
        str(complaint.pk),
        "Made a file of all that we hold on them.",
    )
    asked(message="Asked too", email="zoe@example.com")
    both = file_on(manager, of)
    assert ("Asked too" in both, "1 request and 1 complaint about data protection" in both) == (True, True)


def test_a_complaint_is_told_apart_by_its_name_as_well(asked, manager):
    asked(message="Hers")
    complained(full_name="Ann Other", happened="His", reach="07700 900 982")
    assert post_with_code(manager, HELD, ON).status_code == 422
    html = post_with_code(manager, HELD, ON | {"name": "Ann Other"}).content.decode()
    assert ("Hers" in html, "His" in html) == (False, True)


def test_complaints_are_given_out_by_those_who_deal_with_them(manager, maya):
    complained(email="zoe@example.com")
    maya.groups.get().permissions.remove(Permission.objects.get(codename="change_datacomplaint"))
    response = post_with_code(manager, HELD, {"of": "zoe@example.com", "reason": REASON})
    assert (response.status_code, "You wrote" in response.content.decode()) == (200, False)


def test_a_complaint_that_was_emptied_is_not_held(manager, maya):
    complaint = complained(email="zoe@example.com")
    DataComplaint.objects.filter(pk=complaint.pk).update(
        **complaining.NOTHING, closed_at=MONDAY, closed_by=maya, fingerprint=None
    )
    response = post_with_code(manager, HELD, {"of": "zoe@example.com", "reason": REASON})
    assert "We hold nothing on zoe@example.com." in response.content.decode()


def test_what_is_erased_is_not_held(worked, manager, maya):
    keeping.erase(pks=[worked.pk], by=maya, now=MONDAY, ground=Ground.ASKED)
    response = post_with_code(manager, HELD, ON)
    assert "We hold nothing on 07700 900982." in response.content.decode()


def test_a_number_that_was_corrected_leads_to_nothing(asked, manager):
    request = asked()
    visiting.correct_number(pk=request.pk, by=None, now=MONDAY, typed="07700 900 555")
    assert "We hold nothing on" in post_with_code(manager, HELD, ON).content.decode()
    assert "Zoë Example" in file_on(manager, "07700900555")


def test_nobody_has_an_address_that_is_empty(asked, manager):
    asked()
    response = post_with_code(manager, HELD, {"of": "@", "reason": REASON})
    assert response.status_code == 422


def test_a_household_that_shares_a_number_is_told_apart(asked, manager):
    asked(message="Hers")
    asked(message="His", full_name="Ann Other", phone="+447700900982")
    response = post_with_code(manager, HELD, ON)
    sentence = "Several people have asked with it: Ann Other, Zoë Example. Say whose file it is to be."
    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert not Event.objects.filter(kind="disclosed").exists()
    html = post_with_code(manager, HELD, ON | {"name": "Zoe"}).content.decode()
    assert ("Hers" in html, "His" in html, "Ann" in html) == (True, False, False)
    assert Event.objects.filter(kind="disclosed").count() == 1
    nobody = post_with_code(manager, HELD, ON | {"name": "Mike"}).content.decode()
    assert "We hold nothing on 07700 900982 under that name." in nobody


# On record, and refused


def test_it_is_on_record_of_each_request_with_its_reason(asked, manager, maya):
    asked()
    asked(message="Again")
    file_on(manager, "07700900982")
    events = Event.objects.filter(kind="disclosed")
    assert [(each.by, each.actor) for each in events] == [(maya, "staff")] * 2
    assert [(note.kind, note.text, note.by) for note in Note.objects.filter(event__in=events)] == [
        ("reason", REASON, maya)
    ] * 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"of": ""}, "Enter a number or an address."),
        ({"of": "999"}, "Enter a phone number, like"),
        ({"of": "zoe@"}, "Enter an e-mail address, like name@example.com."),
        ({"reason": " "}, "Say what it is for."),
    ],
)
def test_a_wrong_answer_comes_back_with_a_sentence_and_what_was_typed(asked, manager, given, sentence):
    asked()
    response = post_with_code(manager, HELD, ON | given)
    html = unescape(response.content.decode())
    assert response.status_code == 422
    assert html.count(sentence) == 2  # above the form and at the field
    assert (REASON in html, "07700900982" in html) == ("reason" not in given, "of" not in given)
    assert not Event.objects.filter(kind="disclosed").exists()


@pytest.mark.parametrize("who", ["anna", "paula"])
def test_nobody_but_managers_makes_it(request, asked, client, who):
    user, callback = request.getfixturevalue(who), asked()
    client.force_login(user)
    assert client.get(HELD).status_code == 403
    assert post_with_code(client, HELD, ON).status_code == 403
    with pytest.raises(Refused, match=r"^Only managers export requests\.$"):
        disclose(pks=[callback.pk], by=user, now=MONDAY, reason=REASON)
    assert not Event.objects.filter(kind="disclosed").exists()


def test_of_whoever_is_erased_while_it_is_made_no_word_is_kept(asked, manager, maya):
    request, went = asked(), []

    def first_the_other(execute, sql, params, many, context):
        if "callbacks_callbackrequest" in sql and "FOR UPDATE" in sql and not went:
            went.append(sql)
            keeping.erase(pks=[request.pk], by=maya, now=MONDAY, ground=Ground.ASKED)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(first_the_other):
        response = post_with_code(manager, HELD, ON)
    assert len(went) == 1
    assert "We hold nothing on 07700 900982." in response.content.decode()
    assert (Note.objects.count(), Event.objects.filter(kind="disclosed").count()) == (0, 0)


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_one_request_and_for_three(asked, maya, rows, django_assert_num_queries):
    pks = [asked(message=f"Message {number}").pk for number in range(rows)]
    maya.get_all_permissions()
    with django_assert_num_queries(7):  # requests; events with notes; notes; what was sent; looks; notices
        assert len(all_held("+447700900982", maya, pks)) == rows


@pytest.mark.parametrize("code", ["", "123456", "aaaa bbbb"])
def test_without_a_fresh_code_nothing_is_given_out(asked, manager, code):
    asked(at=timezone.now())
    response = post_with_code(manager, HELD, ON | {"code": code})
    assert (response.status_code, "Content-Disposition" in response) == (422, False)


@pytest.mark.parametrize("name", ["Mrs", "…"])
def test_a_name_that_names_nobody_is_one_person_all_the_same(asked, manager, name):
    asked(full_name=name, phone="+447700900982", message="The message")
    assert "The message" in file_on(manager, "07700900982")
