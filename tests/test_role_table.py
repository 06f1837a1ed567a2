"""The table of roles, line by line: every address of the staff site, every verb, and every field, found by
themselves, so that what is new and has no line here fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import transaction
from django.urls import get_resolver, reverse
from django.utils import timezone

from callbacks.actions import desk
from callbacks.admin.request_list import Show
from callbacks.admin.verbs import VERBS
from callbacks.models import CallbackRequest, Note, NoteKind
from callbacks.states import Outcome
from firm_site import roles
from firm_site.models import User
from tests.client import Client, fresh_code
from tests.conftest import MONDAY, member_of
from tests.test_roles import MAY_OPEN, PARTS, an_object_of, staff_without_a_group
from tests.writing import published

pytestmark = [pytest.mark.django_db, pytest.mark.faults]  # it walks far, and takes long

REQUESTS = "admin/callbacks/callbackrequest/"
PAGES = "admin/pages/page/"
NOBODY: set[str] = set()
WORK = {"desk", "managers", "partners"}
DESK_AND_MANAGERS = {"desk", "managers"}
GROUPS = [*roles.ROLES, ""]
REFUSALS = {403, 404, 405}

# By these everybody logs in and out, and keeps a password and a second factor.
OF_ALL_STAFF = {
    "index",
    "login",
    "login_code",
    "login_enrol",
    "login_authenticator",
    "second_factor",
    "logout",
    "password_change",
    "password_change_done",
    "jsi18n",
    "app_list",
}

# By these managers, and they alone, help the desk in.
OF_DESK_LOGINS = {"auth_user_password_change", "firm_site_user_unlock", "firm_site_user_reset"}

MAY_DO = {
    "claim": WORK,
    "call": WORK,
    "they-rang": WORK,
    "spoke": WORK,
    "no-answer": WORK,
    "left-message": WORK,
    "wrong-number": WORK,
    "clear-conflict": {"partners"},
    "said-not-acting": WORK,
    "hand-over": WORK,
    "make-real": WORK,
    "release": WORK,
    "carried-out-by": WORK,
    "call-again": WORK,
    "agree-another-time": WORK,
    "pass-to-solicitor": WORK,
    "close": WORK,
    "reopen": WORK,
    "take-over": {"managers"},
    "correct-number": WORK,
    "note": WORK,
}

# Of requests: what is not here answers neither GET nor POST with anything but a refusal.
MAY_ASK = {
    "GET ": WORK,
    "GET new/": DESK_AND_MANAGERS,
    "POST new/": DESK_AND_MANAGERS,
    "POST next/": DESK_AND_MANAGERS,
    "GET day/": DESK_AND_MANAGERS,
    "GET reports/": {"managers"},
    "GET held/": {"managers"},
    "POST held/": {"managers"},
    "POST export/": {"managers"},
    "POST spam/": WORK,
    "POST spam/undo/": WORK,
    "GET PK/change/": WORK,
    "GET PK/record/": WORK,
    "GET PK/sheet/": DESK_AND_MANAGERS,  # what is taken on waits for partners no more
    "POST PK/answer/": WORK,
    "POST PK/undo/": WORK,
    "GET PK/erase/": {"managers"},
    "POST PK/erase/": {"managers"},
}

# Of pages: partners alone, who look by GET and do by POST what is asked here.
MAY_ASK_OF_PAGES = {
    "GET ",
    "POST ",  # Django's list takes it, and has nothing to do
    "GET add/",
    "POST add/",
    "GET on/",
    "POST add/draft/",
    "POST add/discard/",
    "GET PK/change/",
    "POST PK/change/",
    "GET PK/preview/",
    "GET PK/history/",
    "GET PK/compare/",
    "GET PK/publish/",
    "POST PK/publish/",
    "GET PK/withdraw/",
    "POST PK/withdraw/",
    "POST PK/draft/",
    "POST PK/discard/",
    "POST PK/restore/",
    "POST PK/put-back/",
    "POST PK/unschedule/",
}

# Which fields of what is kept each group may write, on its page.
MAY_WRITE = {
    "callbacks.openinghours": {"managers": "weekday opens closes agreed"},
    "callbacks.specialday": {"managers": "day opens closes reason agreed"},
    "callbacks.deskcapacity": {"managers": "calls_an_hour calls_in_a_slot agreed"},
    "callbacks.datacomplaint": {"managers": "is_acknowledged outcome is_closed"},
    "callbacks.retentionperiods": {
        "managers": "spam_and_duplicates taken_on not_reached_and_withdrawn all_others "
        "all_others_confirmed agreed"
    },
    "callbacks.party": {"partners": "name remark"},
    "callbacks.callscript": {"partners": "topic other_words opening questions"},
    "callbacks.messagetexts": {"partners": "not_viable declined"},
    "firm_site.user": {"managers": "username first_name last_name email is_active"},
    "firm_site.firmdetails": {
        "partners": "telephone agreed calling_number email sender_name company_name company_number "
        "place_of_registration registered_office vat_number sra_number professional_title indemnity_insurer"
    },
    "pages.picture": {"partners": "alternative_text name"},
    "pages.page": {"partners": "title summary body topic author reviewed_by reviewed_on review_due slug"},
}

# The columns of a request that hold words: whether they are of the story.
IS_STORY = {
    "full_name": False,
    "phone": False,
    "phone_typed": False,
    "email": False,
    "message": True,
    "procedure": True,
    "procedure_date": True,
    "clinic": True,
    "call_needs": False,
    "page": True,  # a guide is about a procedure
    "set_apart_because": False,
    "case_number": False,
}
NO_WORDS = {"reference", "token", "fingerprint", "channel", "status", "outcome"}


def routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str | None]]:
    """Every address of the site, as it is written, and its name."""
    for each in patterns:
        route = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from routes(each.url_patterns, route)
        else:
            yield route, each.name


STAFF_ROUTES = [each for each in routes(get_resolver().url_patterns) if each[0].startswith("admin/")]
OF_REQUESTS = [
    route.removeprefix(REQUESTS).replace("<int:pk>", "PK")
    for route, _ in STAFF_ROUTES
    if route.startswith(REQUESTS) and "<slug:name>" not in route
]


# Django's own page to delete one is behind no permission of anybody, and its old addresses only redirect.
OF_PAGES = [
    route.removeprefix(PAGES).replace("<int:pk>", "PK").replace("<path:object_id>", "PK")
    for route, name in STAFF_ROUTES
    if route.startswith(PAGES) and name and not name.endswith("_delete")
]


def logged_in(client: Client, group: str) -> Client:
    client.force_login(member_of(group, "person", "A", "Person") if group else staff_without_a_group())
    return client


def test_every_address_of_the_staff_site_has_a_line():
    of_kinds = {
        f"{model._meta.app_label}_{model._meta.model_name}_{part}"
        for model in admin.site._registry
        for part in PARTS.values()
    }
    named = {name for route, name in STAFF_ROUTES if name and not route.startswith((REQUESTS, PAGES))}
    assert named - of_kinds == OF_ALL_STAFF | OF_DESK_LOGINS | {"pages_picture_choose"}
    assert set(OF_REQUESTS) == {line.split(" ")[1] for line in MAY_ASK}
    assert set(OF_PAGES) == {line.split(" ")[1] for line in MAY_ASK_OF_PAGES}
    # Without a name are only the old addresses of pages, and what is at no address.
    assert {route.split("/")[-2] for route, name in STAFF_ROUTES if not name} == {"<path:object_id>", "admin"}


def test_every_verb_has_a_line():
    assert set(MAY_DO) == set(VERBS)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_does_the_verbs_of_its_line_and_no_other(asked, client, group):
    request = an_object_of("callbacks.callbackrequest", asked)
    logged_in(client, group)
    statuses = {verb: tried(client, f"/{REQUESTS}{request}/{verb}/") for verb in VERBS}
    done = {verb for verb, status in statuses.items() if status != 403}
    assert done == {verb for verb in VERBS if group in MAY_DO[verb]}
    assert set(statuses.values()) <= {302, 403, 409, 422}


def tried(client: Client, path: str) -> int:
    """What a POST is answered, which leaves no trace: the next finds all as it was."""
    with transaction.atomic():
        status = client.post(path).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_opens_the_pages_of_requests_that_its_line_says(asked, anna, client, group):
    logged_in(client, group)
    held, done = an_object_of("callbacks.callbackrequest", asked), taken_on(asked, anna)
    lines = [f"{method} {route}" for route in OF_REQUESTS for method in ("GET", "POST")]
    opened = {line for line in lines if is_answered(client, line, done if "sheet" in line else held)}
    assert opened == {line for line, groups in MAY_ASK.items() if group in groups}


def is_answered(client: Client, line: str, pk: int) -> bool:
    method, route = line.replace("PK", str(pk)).split(" ")
    return getattr(client, method.lower())(f"/{REQUESTS}{route}").status_code not in REFUSALS


@pytest.mark.parametrize("group", GROUPS)
def test_only_partners_open_or_do_anything_of_pages(client, now, group):
    logged_in(client, group)
    page = published(at=now)
    posted = {"version": page.history.get().pk, "publication": page.publications.get().pk}
    found = set()
    for line in {f"{method} {route}" for route in OF_PAGES for method in ("GET", "POST")}:
        method, route = line.replace("PK", str(page.pk)).split(" ")
        data = posted if method == "POST" else None
        if getattr(client, method.lower())(f"/{PAGES}{route}", data).status_code not in REFUSALS:
            found.add(line)
    assert found == (MAY_ASK_OF_PAGES if group == "partners" else set())


def taken_on(asked, anna) -> int:
    request = asked(full_name="Mia Done")
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.TAKEN_ON)
    return request.pk


@pytest.mark.parametrize("group", GROUPS)
def test_only_managers_help_the_desk_in(client, group):
    login = f"/admin/firm_site/user/{an_object_of('firm_site.user', None)}/"
    logged_in(client, group)
    statuses = [client.get(f"{login}password/").status_code]
    statuses += [client.post(f"{login}{verb}/").status_code for verb in ("unlock", "reset")]
    assert [status not in REFUSALS for status in statuses] == [group == "managers"] * 3


def written_by(client: Client, name: str, pk: int) -> str:
    """The fields that the page of something lets this person write."""
    page = client.get(reverse(f"admin:{name.replace('.', '_')}_change", args=[pk]))
    context = page.context or {}
    if page.status_code != 200 or "adminform" not in context or not context["has_change_permission"]:
        return ""
    form = context["adminform"]
    return " ".join(each for each in flatten_fieldsets(form.fieldsets) if each not in form.readonly_fields)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_writes_the_fields_of_its_line_and_no_other(asked, client, group):
    logged_in(client, group)
    kinds = [name for name in MAY_OPEN if not name.startswith(("procrastinate", "callbacks.callbackrequest"))]
    found = {name: written_by(client, name, an_object_of(name, asked)) for name in kinds}
    assert found == {name: MAY_WRITE.get(name, {}).get(group, "") for name in kinds}


def test_every_column_with_words_is_of_the_story_or_is_not():
    columns = {
        field.name
        for field in CallbackRequest._meta.concrete_fields
        if field.get_internal_type() in {"CharField", "TextField", "EmailField"}
    }
    assert columns == set(IS_STORY) | NO_WORDS


@pytest.mark.parametrize("group", roles.ROLES)
def test_what_is_held_of_the_story_is_shown_to_partners_alone(asked, client, anna, group):
    request = asked(at=timezone.now())
    story = [column for column, is_story in IS_STORY.items() if is_story]
    held = {"status": "conflict_check", "conflict_since": timezone.now()}
    CallbackRequest.objects.filter(pk=request.pk).update(
        **held | {each: f"/quokka-{each}/" for each in story}
    )
    for kind in NoteKind:
        question = "quokka-question" if kind == NoteKind.ANSWER else ""
        note = {
            "kind": kind,
            "question": question,
            "text": f"/quokka-{kind}/",
            "at": timezone.now(),
            "by": anna,
        }
        Note.objects.create(request=request, event=request.events.first(), **note)
    logged_in(client, group)
    # That partners read it all two pages show; that nobody else does, all.
    html = (two_pages if group == "partners" else everything_shown)(client, request.pk)
    told = [*story, *NoteKind.values]
    told.remove("answer")  # which partners read once the request is theirs
    assert [each for each in told if f"quokka-{each}" in html] == (told if group == "partners" else [])
    assert group == "partners" or "quokka-" not in html


def two_pages(client: Client, pk: int) -> str:
    return "".join(client.get(f"/{REQUESTS}{pk}/{page}/").content.decode() for page in ("change", "record"))


def everything_shown(client: Client, pk: int) -> str:
    """All that somebody can read of one request: every page, every list, every answer to a button pressed
    with nothing filled in, and the export."""
    one = f"/{REQUESTS}{pk}/"
    today = timezone.localdate().isoformat()
    said = [client.get("/admin/"), client.get("/admin/callbacks/")]
    # The reports count the pages on which people asked, and name nobody.
    pages = [route.replace("PK", str(pk)) for route in OF_REQUESTS if route != "reports/"]
    said += [client.get(f"/{REQUESTS}{page}") for page in pages]
    said += [client.get(f"/{REQUESTS}?show={each}") for each in Show.TABS if each]
    said += [client.get(f"/{REQUESTS}?show=all&q=quokka"), client.get(f"/{REQUESTS}?q=quokka&show=")]
    said += [client.post(f"{one}answer/", {"question": "quokka-question", "text": "other", "edits": "7"})]
    said += [client.post(f"{one}{verb}/") for verb in VERBS if verb != "clear-conflict"]
    export = {"since": today, "until": today, "reason": "Audit"}
    export["code"] = fresh_code(User.objects.get(username="person"))
    said += [client.post(f"/{REQUESTS}export/", export)]
    said += [client.get(f"{one}change/"), client.get(f"{one}record/"), client.get(f"{one}sheet/")]
    return "".join(f"{each.headers}{b''.join(each).decode()}" for each in said)
