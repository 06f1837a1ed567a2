"""Whatever a member of staff sends, by mistake or to see what happens: an answer, never a fault of ours."""

import re
from itertools import count, cycle

import pytest
from django.conf import settings as site
from hypothesis import given
from hypothesis import strategies as st

from callbacks.actions import desk
from callbacks.admin.verbs import VERBS
from callbacks.models import CallbackRequest
from firm_site import roles
from tests.client import Client
from tests.conftest import MONDAY, member_of
from tests.payloads import AWKWARD_TEXTS, METHODS, QUERIES
from tests.test_bad_input import ANY_TEXT, answer, trial
from tests.test_role_table import STAFF_ROUTES
from tests.test_roles import MAY_OPEN, an_object_of

pytestmark = [pytest.mark.django_db, pytest.mark.faults]  # it walks far, and takes long

# What Django's own lists and forms read, beside what ours do.
OF_DJANGO = ["q", "p", "o", "e", "all", "_popup", "_to_field", "_changelist_filters", "_facets", "next"]
LOOKUPS = [
    "status__exact",
    "id__in",
    "full_name__startswith",
    "claimed_by__password__startswith",
    "kind__exact",
]
OF_OURS = ["q", "version", "p", "new", "old", "day", "show", "phone", "outcome", "days"]
FILTERS = ["show", "status", "channel", "outcome", "kind"]
# What a button sends beside the fields of its form.
BUTTONS = [
    "edits",
    "question",
    "text",
    "pk",
    "closed_at",
    "version",
    "publication",
    "named",
    "back",
    "action",
]
BUTTONS += [
    "_selected_action",
    "select_across",
    "index",
    "_save",
    "since",
    "until",
    "reason",
    "speaking",
    "agreed",
]

NASTIEST = [
    "a NUL",
    "no end",
    "figures without end",
    "the last moment",
    "JSON with a NUL",
]


GROUPS = [roles.MANAGERS, roles.PARTNERS]  # what the desk may, managers may
PEOPLE = count()


@pytest.fixture
def rows(asked) -> dict[str, int]:
    """One of each kind that the staff site has pages for."""
    return {name: an_object_of(name, asked) for name in MAY_OPEN}


def addresses(rows: dict[str, int]) -> list[str]:
    """Every address of the staff site, with what stands in it filled in."""
    found = set()
    for route, _ in STAFF_ROUTES:
        kind = ".".join(route.split("/")[1:3])
        pk = str(rows.get(kind, 1))
        path = re.sub(r"<int:pk>|<path:object_id>|<id>", pk, route)
        path = re.sub(r"\(\?P<app_label>[^)]*\)", "callbacks", path).replace("(?P<url>.*)$", "nothing/")
        found |= {path.replace("<slug:name>", verb) for verb in VERBS} if "<slug:name>" in path else {path}
    leaves = {"admin/logout/"}
    return sorted(f"/{path}".replace("^", "").replace("$", "") for path in found - leaves)


def test_no_address_answers_a_method_that_it_does_not_know(client, rows, maya):
    client.force_login(maya)
    for path in addresses(rows):
        for method in METHODS[3:]:
            response = client.generic(method, path)
            assert (path, method, response.status_code) == (path, method, 405)
            assert response["Allow"] == "GET, HEAD, POST"


def test_every_parameter_that_a_staff_view_reads_is_sent_here():
    read = set()
    for file in sorted(site.BASE_DIR.glob("*/admin/*.py")):
        read |= set(re.findall(r'request\.GET(?:\.get\(|\[)"(\w+)"', file.read_text()))
    assert read == set(OF_OURS)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", ["not UTF-8", "past the largest number", "the last day", "a list"])
def test_any_query_of_any_staff_page_is_answered(client, rows, group, name):
    client.force_login(member_of(group, "person", "A", "Person"))
    query = "&".join(f"{each}={QUERIES[name]}" for each in sorted({*OF_DJANGO, *OF_OURS, *FILTERS}))
    for path in addresses(rows):
        answer(client, "GET", path, QUERY_STRING=query)


@pytest.mark.parametrize("group", GROUPS)
def test_each_parameter_of_each_list_is_answered(client, rows, group):
    client.force_login(member_of(group, "person", "A", "Person"))
    for kind in [name for name, may in MAY_OPEN.items() if group in may]:
        for parameter in [*OF_DJANGO, *FILTERS, *LOOKUPS]:
            for sent in ("-1.-2.x", "9999-12-31"):
                answer(client, "GET", f"/admin/{kind.replace('.', '/')}/", QUERY_STRING=f"{parameter}={sent}")


def names_in(page: bytes) -> set[str]:
    """The names of the fields in a page."""
    return set(re.findall(r' name="([\w-]+)"', page.decode(errors="replace"))) - {"csrfmiddlewaretoken"}


@pytest.mark.parametrize("group", GROUPS)
def test_a_form_filled_with_anything_is_answered(client, rows, group):
    member = member_of(group, "person", "A", "Person")
    for path in addresses(rows):
        client.force_login(member)  # some forms end a session
        page = client.get(path)
        of_verb = path.split("/")[-2]
        asks = VERBS[of_verb].form().fields if of_verb in VERBS else ()
        fields = {f"{of_verb}-{field}" for field in asks} | {*BUTTONS}
        if page.status_code == 200 and not page.streaming:
            fields |= names_in(page.content)
        for first in range(2):  # each field gets another text than its neighbours, and then another still
            texts = cycle([AWKWARD_TEXTS[name] for name in NASTIEST[first:] + NASTIEST[:first]])
            response = client.post(path, dict(zip(sorted(fields), texts, strict=False)))
            assert (path, first, response.status_code < 500) == (path, first, True)


@trial(max_examples=40)
@given(st.sampled_from(sorted(VERBS)), ANY_TEXT, st.booleans(), st.data())
def test_any_verb_with_any_words_is_answered(asked, anna, verb, typed, in_a_call, data):
    name = f"Person {next(PEOPLE)}"
    request = asked(full_name=name, phone=f"+4477009{next(PEOPLE):05}")
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    if in_a_call:
        desk.call(pk=request.pk, by=anna, now=MONDAY)
    client = Client()
    client.force_login(anna)
    fields = [f"{verb}-{field}" for field in VERBS[verb].form().fields]
    edits = str(CallbackRequest.objects.get(pk=request.pk).edits)
    answered = client.post(
        f"/admin/callbacks/callbackrequest/{request.pk}/{verb}/",
        {field: data.draw(st.just(typed) | ANY_TEXT) for field in fields} | {"edits": edits},
    )
    assert answered.status_code in {302, 403, 409, 422}
    assert answered.status_code in {302, 403} or answered.content.count(b"<h1") == 1
