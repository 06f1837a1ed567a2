"""What is somebody else's, by its number in the address: every address of the staff site, tried with numbers
that are not for these eyes, without a login, and after what one may do has changed."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from callbacks.actions import desk
from callbacks.admin.verbs import VERBS
from callbacks.models import CallbackRequest, Event, Note, Undo
from firm_site import roles
from pages.actions import writing
from pages.models import Draft, Kind, Page, Publication
from tests.conftest import member_of
from tests.test_bad_input_staff import addresses
from tests.test_role_table import OF_REQUESTS, PAGES, REQUESTS
from tests.test_roles import MAY_OPEN, an_object_of
from tests.writing import published

pytestmark = [pytest.mark.django_db, pytest.mark.faults]  # it walks far, and takes long

OF_ONE = [route for route in OF_REQUESTS if route.startswith("PK/")]


@pytest.fixture
def rows(asked) -> dict[str, int]:
    return {name: an_object_of(name, asked) for name in MAY_OPEN}


def everything() -> tuple:
    """What a request that changes something would change."""
    kinds = [CallbackRequest, Note, Undo, Page, Publication, Draft]
    events = Event.objects.of_the_record().count()  # that somebody looked is on record, and changes nothing
    states = CallbackRequest.objects.order_by("pk").values_list("status", "edits", "claimed_by")
    return events, *(each.objects.count() for each in kinds), *states


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_login_every_address_leads_to_the_login_and_does_nothing(client, rows, method):
    before = everything()
    for path in addresses(rows):
        if path.startswith("/admin/login/"):
            continue
        response = client.generic(method, path)
        assert (path, response.status_code) == (path, 302)
        assert response["Location"].startswith("/admin/login/?next=")
    assert everything() == before


@pytest.mark.parametrize("ends", ["no staff", "no login", "no group"])
def test_a_session_may_at_once_no_more_than_its_owner(client, rows, maya, ends):
    client.force_login(maya)
    assert client.get("/admin/firm_site/user/").status_code == 200
    if ends == "no staff":
        type(maya).objects.filter(pk=maya.pk).update(is_staff=False)
    elif ends == "no login":
        type(maya).objects.filter(pk=maya.pk).update(is_active=False)
    else:
        maya.groups.clear()
    before = everything()
    shown = {client.get(f"/{REQUESTS}{each.replace('PK', '1')}").status_code for each in OF_REQUESTS}
    assert shown <= {302, 403, 404, 405}
    pk = rows["callbacks.callbackrequest"]
    assert {client.post(f"/{REQUESTS}{pk}/{verb}/").status_code for verb in VERBS} <= {302, 403}
    assert everything() == before


def test_who_changes_groups_has_at_once_the_pages_of_the_new_one(client, rows, paula):
    client.force_login(paula)
    assert client.get("/admin/callbacks/party/").status_code == 200
    paula.groups.set([Group.objects.get(name=roles.DESK)])
    assert client.get("/admin/callbacks/party/").status_code == 403
    assert client.get(f"/{PAGES}").status_code == 403
    assert client.get(f"/{REQUESTS}day/").status_code == 200


def test_a_request_that_does_not_wait_for_partners_is_not_there_for_them(client, asked, paula):
    request = asked(message="Quokka")
    client.force_login(paula)
    before = everything()
    for route in OF_ONE:
        for method in ("GET", "POST"):
            response = client.generic(method, f"/{REQUESTS}{route.replace('PK', str(request.pk))}")
            # Undo leads to the front page: what partners have just passed on is out of their sight as well.
            assert (route, response.status_code) in {
                (route, 403),
                (route, 404),
                (route, 405),
                ("PK/undo/", 302),
            }
    for verb in VERBS:
        given = {"note-text": "x", "edits": "1"}
        assert client.post(f"/{REQUESTS}{request.pk}/{verb}/", given).status_code in {403, 404}
    assert everything() == before


@pytest.mark.parametrize("verb", [name for name in VERBS if name not in {"note", "they-rang"}])
def test_nothing_is_done_to_a_request_that_somebody_else_has(client, asked, anna, ben, verb):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=timezone.now())
    before = everything()
    client.force_login(ben)
    form = {f"{verb}-{name}": "x" for name in VERBS[verb].form().fields}
    response = client.post(f"/{REQUESTS}{request.pk}/{verb}/", form | {"edits": "1"})
    assert response.status_code in {302, 403, 409, 422}
    assert everything() == before


def test_nobody_takes_back_what_another_recorded_by_its_address(client, asked, anna, ben):
    request = asked(at=timezone.now() - timedelta(minutes=1))
    now = timezone.now()
    desk.claim(pk=request.pk, by=anna, now=now)
    desk.call(pk=request.pk, by=anna, now=now)
    desk.no_answer(pk=request.pk, by=anna, now=now)
    before = everything()
    client.force_login(ben)
    client.post(f"/{REQUESTS}{request.pk}/undo/")
    assert everything() == before
    client.force_login(anna)
    client.post(f"/{REQUESTS}{request.pk}/undo/")
    assert everything() != before


def test_every_verb_and_every_button_is_refused_to_a_get(client, asked, maya):
    request = asked()
    client.force_login(maya)
    before = everything()
    buttons = ["next/", "export/", "spam/", "spam/undo/", f"{request.pk}/undo/", f"{request.pk}/answer/"]
    for each in [*buttons, *(f"{request.pk}/{verb}/" for verb in VERBS)]:
        assert (each, client.get(f"/{REQUESTS}{each}").status_code) == (each, 405)
    assert everything() == before


@pytest.mark.parametrize("group", [roles.DESK, roles.MANAGERS])
def test_no_page_of_a_login_of_managers_and_partners_is_there_for_anybody(client, maya, paula, group):
    client.force_login(member_of(group, "person", "A", "Person"))
    for pk in (maya.pk, paula.pk):
        for part in ("change/", "history/", "password/", "delete/"):
            response = client.get(f"/admin/firm_site/user/{pk}/{part}")
            assert (part, response.status_code) in {(part, 302), (part, 403), (part, 404)}
            assert response.get("Location", "/admin/") == "/admin/"


def test_what_belongs_to_another_page_is_not_done_under_the_address_of_this_one(client, paula, now):
    mine, other = published(slug="mine", at=now), published(slug="other", at=now)
    client.force_login(paula)
    version, publication = other.history.get().pk, other.publications.get().pk
    before = everything()
    for part in ("compare/?new=", "compare/?old=", "preview/?version=", "publish/?version="):
        assert client.get(f"/{PAGES}{mine.pk}/{part}{version}").status_code == 404
    for part in ("restore/", "put-back/", "unschedule/", "publish/"):
        posted = {"version": version, "publication": publication}
        assert client.post(f"/{PAGES}{mine.pk}/{part}", posted).status_code == 404
    assert everything() == before


def test_one_forgets_ones_own_draft_and_nobody_elses(client, paula, now):
    page = published(Kind.GUIDE, at=now)
    other = member_of(roles.PARTNERS, "pat", "Pat", "Other")
    writing.keep(page=page, by=other, fields={"title": "Theirs"}, now=now)
    client.force_login(paula)
    client.post(f"/{PAGES}{page.pk}/discard/")
    client.post(f"/{PAGES}{page.pk}/draft/", {"title": "Mine"})
    assert {each.by: each.fields["title"] for each in Draft.objects.all()} == {other: "Theirs", paula: "Mine"}


def test_the_address_of_one_visitor_changes_nothing_for_another(client, asked):
    mine, other = asked(), asked(full_name="Somebody Else")
    before = list(CallbackRequest.objects.filter(pk=other.pk).values())
    mixed = f"{mine.token[:-2]}{other.token[-2:]}"
    for part in ("time/", "number/", "add/", "cancel/"):
        given = {"when": "asap", "phone": "07700 900 111", "text": "x", "token": other.token, "pk": other.pk}
        client.post(f"{mine.get_absolute_url()}{part}", given)
        assert client.post(f"/callback/{mixed}/{part}", given).status_code == 404
    assert list(CallbackRequest.objects.filter(pk=other.pk).values()) == before
