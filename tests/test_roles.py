"""Who may open what on the staff site, group by group, and that the groups say what roles.py says."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from callbacks.actions import complaining
from callbacks.models import (
    CallScript,
    DeskCapacity,
    MessageTexts,
    OpeningHours,
    Party,
    RetentionPeriods,
    SpecialDay,
)
from firm_site import roles, second_factor
from firm_site.models import FirmDetails, User
from pages.models import Kind
from tests.conftest import member_of
from tests.drawing import kept
from tests.writing import written

pytestmark = pytest.mark.django_db

# Which pages each group may open: of a kind of thing the list and the page to add; of one, the page
# itself, the one to delete it and its history.
MAY_OPEN = {
    "callbacks.callbackrequest": {
        "desk": "list one",
        "managers": "list one",
        "partners": "list one",
    },
    "callbacks.openinghours": {"managers": "list add one delete history"},
    "callbacks.specialday": {"managers": "list add one delete history"},
    "callbacks.deskcapacity": {"managers": "list one history"},
    "callbacks.datacomplaint": {"managers": "list one history"},
    "callbacks.retentionperiods": {"managers": "list one history"},
    "callbacks.party": {"partners": "list add one delete history"},
    "callbacks.callscript": {"partners": "list add one delete history"},
    "callbacks.messagetexts": {"partners": "list one history"},
    "firm_site.user": {"managers": "list add one history"},
    "firm_site.firmdetails": {"partners": "list one history"},
    "pages.page": {"partners": "list add one history"},
    "pages.picture": {"partners": "list add one delete history"},
    "procrastinate.procrastinatejob": {},  # comes with the library: for nobody
}
PARTS = {"list": "changelist", "add": "add", "one": "change", "delete": "delete", "history": "history"}


def an_object_of(name: str, asked) -> int:
    """Something to open, which the person who may open its kind also sees."""
    if name == "callbacks.callbackrequest":
        request = asked()
        type(request).objects.update(conflict_since=request.created_at, status="conflict_check")
        return request.pk
    if name == "callbacks.openinghours":
        return OpeningHours.objects.get(weekday=0).pk
    if name == "callbacks.specialday":
        return SpecialDay.objects.create(day=date(2026, 12, 24)).pk
    if name == "callbacks.deskcapacity":
        return DeskCapacity.objects.create(pk=1).pk
    if name == "callbacks.datacomplaint":
        grievance = complaining.Grievance(full_name="Zoë Example", email="zoe@example.com", happened="It.")
        return complaining.complain(grievance=grievance, by=None, now=timezone.now()).pk
    if name == "callbacks.retentionperiods":
        return RetentionPeriods.objects.create(pk=1).pk
    if name == "callbacks.party":
        return Party.objects.create(name="Fern Street").pk
    if name == "callbacks.callscript":
        return CallScript.objects.create(topic="Lip filler").pk
    if name == "callbacks.messagetexts":
        return MessageTexts.objects.create(pk=1).pk
    if name == "firm_site.user":
        return member_of(roles.DESK, "someone", "Some", "One").pk
    if name == "pages.page":
        return written(Kind.GUIDE).pk
    if name == "pages.picture":
        return kept().pk
    return FirmDetails.objects.get_or_create(pk=1)[0].pk


def opened(client, name: str, pk: int) -> str:
    """Which of its pages answer with a page, or lead to one of the same kind."""
    found = []
    for page, part in PARTS.items():
        try:
            address = reverse(
                f"admin:{name.replace('.', '_')}_{part}",
                args=[] if page in {"list", "add"} else [pk],
            )
        except NoReverseMatch:  # there is no such page at all
            continue
        response = client.get(address)
        of_its_kind = f"/{name.replace('.', '/')}/"
        if response.status_code == 200 or of_its_kind in response.get("Location", ""):
            found.append(page)
    return " ".join(found)


def registered() -> set[str]:
    return {model._meta.label_lower for model in admin.site._registry}


def test_the_table_names_everything_on_the_staff_site():
    assert registered() == set(MAY_OPEN)


@pytest.mark.parametrize("group", roles.ROLES)
def test_each_group_opens_what_its_line_says_and_nothing_else(asked, client, group):
    client.force_login(member_of(group, "person", "A", "Person"))
    found = {name: opened(client, name, an_object_of(name, asked)) for name in MAY_OPEN}
    assert found == {name: pages.get(group, "") for name, pages in MAY_OPEN.items()}


def test_staff_without_a_group_open_nothing(client, asked):
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    found = {name: opened(client, name, an_object_of(name, asked)) for name in MAY_OPEN}
    assert set(found.values()) == {""}


@pytest.mark.parametrize(
    ("group", "entries"),
    [
        ("desk", ["Requests", "Day"]),
        (
            "managers",
            [
                "Requests",
                "Day",
                "Reports",
                "Privacy",
                "Hours",
                "Special days",
                "Pace",
                "Desk staff",
            ],
        ),
        (
            "partners",
            ["Pages", "Pictures", "Requests", "Parties", "Call scripts", "Messages", "The firm"],
        ),
    ],
)
def test_the_head_of_each_page_leads_each_group_to_its_work(client, group, entries):
    client.force_login(member_of(group, "person", "A", "Person"))
    html = client.get("/admin/").content.decode()
    front = html[html.index('class="staff-nav"') :].split("</nav>")[0]
    links = [part.split("</a>")[0].split(">")[-1] for part in front.split("<a ")[1:]]
    assert links == entries


@pytest.mark.parametrize("person", ["anna", "paula", "nobody"])
def test_no_address_of_the_staff_site_leads_to_a_visitors_own_page(request, client, asked, person):
    callback = asked()
    found = request.getfixturevalue(person) if person != "nobody" else staff_without_a_group()
    client.force_login(found)
    kind = ContentType.objects.get_for_model(callback)
    response = client.get(f"/admin/r/{kind.pk}/{callback.pk}/")
    assert (response.status_code, response.get("Location")) == (404, None)


def granted(group: str) -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Group.objects.get(name=group).permissions.select_related("content_type")
    }


def test_the_groups_hold_exactly_what_roles_says():
    assert {group.name: granted(group.name) for group in Group.objects.all()} == roles.ROLES


def test_migrating_again_repairs_a_changed_group():
    desk = Group.objects.get(name=roles.DESK)
    desk.permissions.set([Permission.objects.get(codename="delete_user")])
    Group.objects.get(name=roles.PARTNERS).delete()
    call_command("migrate", verbosity=0)
    assert {group.name: granted(group.name) for group in Group.objects.all()} == roles.ROLES


# Desk staff, as managers keep them

USERS = "/admin/firm_site/user/"
NEW = {
    "username": "dana",
    "first_name": "Dana",
    "last_name": "Field",
    "email": "dana@example.com",
    "password1": "a long enough pass phrase",
    "password2": "a long enough pass phrase",
}
FORGED = {"is_superuser": "on", "is_staff": "on", "groups": ["1", "2", "3"], "user_permissions": ["1"]}


@pytest.fixture
def managing(maya, client):
    client.force_login(maya)
    return client


def test_a_manager_adds_a_login_for_the_desk_and_for_nothing_else(managing):
    html = managing.post(USERS + "add/", NEW | FORGED).content.decode()
    dana = User.objects.get(username="dana")
    assert [group.name for group in dana.groups.all()] == [roles.DESK]
    assert (dana.is_staff, dana.is_superuser, dana.is_active) == (True, False, True)
    assert dana.user_permissions.count() == 0
    assert str(dana) == "Dana Field"
    assert dana.check_password(NEW["password1"])
    code = html.split('<p class="code">')[1].split("</p>")[0]
    assert second_factor.may_enrol(dana, code, now=timezone.now())


def test_a_weak_password_is_refused_with_a_sentence(managing):
    response = managing.post(USERS + "add/", NEW | {"password1": "short", "password2": "short"})
    assert "at least 12 characters" in response.content.decode()
    assert not User.objects.filter(username="dana").exists()


def test_a_manager_disables_a_desk_login_which_then_opens_nothing(managing, anna, client):
    given = {"username": "anna", "first_name": "Anna", "last_name": "Bell", "email": ""}
    assert managing.post(f"{USERS}{anna.pk}/change/", given | FORGED).status_code == 302
    anna.refresh_from_db()
    assert (anna.is_active, anna.is_superuser, anna.user_permissions.count()) == (False, False, 0)
    assert [group.name for group in anna.groups.all()] == [roles.DESK]
    assert authenticate(HttpRequest(), username="anna", password="a long enough password") is None


@pytest.mark.parametrize("whose", ["maya", "paula", "root"])
@pytest.mark.parametrize("page", ["change", "password", "delete", "history"])
def test_a_manager_touches_no_other_login(managing, maya, paula, whose, page):
    User.objects.create_superuser("root")
    before = list(User.objects.order_by("pk").values())
    other = User.objects.get(username=whose)
    given = {"username": "taken", "password1": "another pass phrase", "password2": "another pass phrase"}
    response = managing.post(f"{USERS}{other.pk}/{page}/", given | FORGED)
    assert response.status_code in {302, 403, 404, 405}
    after = list(User.objects.order_by("pk").values())
    assert after == before


def test_somebody_of_two_groups_is_out_of_a_managers_reach(managing, anna):
    anna.groups.add(Group.objects.get(name=roles.PARTNERS))
    response = managing.post(f"{USERS}{anna.pk}/change/", {"username": "taken"})
    assert response["Location"] == "/admin/"
    assert User.objects.get(pk=anna.pk).username == "anna"


def test_a_login_cannot_be_deleted_since_the_record_names_it(managing, anna):
    assert managing.post(f"{USERS}{anna.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=anna.pk).exists()


def test_the_page_of_a_login_shows_nothing_of_its_password(managing, anna):
    html = managing.get(f"{USERS}{anna.pk}/change/").content.decode()
    assert "algorithm" not in html
    assert f'href="{USERS}{anna.pk}/password/"' in html


def test_staff_change_their_own_password(client, anna):
    client.force_login(anna)
    given = {
        "old_password": "a long enough password",
        "new_password1": "quite another phrase",
        "new_password2": "quite another phrase",
    }
    assert client.post("/admin/password_change/", given).status_code == 302
    anna.refresh_from_db()
    assert anna.check_password("quite another phrase")


# Opening hours

HOURS = "/admin/callbacks/openinghours/"


def test_a_manager_sets_the_hours_of_a_weekday(managing):
    monday = OpeningHours.objects.get(weekday=0)
    given = {"weekday": 0, "opens": "08:30", "closes": "18:00"}
    assert managing.post(f"{HOURS}{monday.pk}/change/", given).status_code == 302
    assert str(OpeningHours.objects.get(weekday=0)) == "Monday 8:30 to 18:00"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"weekday": 5, "opens": "17:00", "closes": "09:00"}, "must close later on the same day"),
        ({"weekday": 0, "opens": "09:00", "closes": "17:00"}, "already exists"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence(managing, given, sentence):
    before = list(OpeningHours.objects.values())
    html = managing.post(HOURS + "add/", given).content.decode()
    assert sentence in html
    assert list(OpeningHours.objects.values()) == before


@pytest.mark.parametrize("person", ["anna", "paula"])
def test_nobody_else_sets_hours(request, client, person):
    client.force_login(request.getfixturevalue(person))
    monday = OpeningHours.objects.get(weekday=0)
    given = {"weekday": 0, "opens": "08:30", "closes": "18:00"}
    assert client.post(f"{HOURS}{monday.pk}/change/", given).status_code == 403
    assert client.post(f"{HOURS}{monday.pk}/delete/", {"post": "yes"}).status_code == 403
    assert str(OpeningHours.objects.get(weekday=0)) == "Monday 9:00 to 17:30"


def staff_without_a_group() -> User:
    return User.objects.create_user("nobody", is_staff=True)
