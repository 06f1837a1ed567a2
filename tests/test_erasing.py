"""A manager erases a person: what goes, what stays, and who may; and the page that asks first."""

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from callbacks import mail_files, notices
from callbacks.actions import Refused, desk, keeping, undoing
from callbacks.actions.owing import sending_about
from callbacks.admin import erasing
from callbacks.models import CallbackRequest, Event, Ground, Note, Undo
from callbacks.models.request import NOTHING
from callbacks.reference import spent
from callbacks.states import Outcome, Status
from firm_site.locks import key_of
from tests.client import Client, post_with_code
from tests.conftest import LONDON, MONDAY

pytestmark = pytest.mark.django_db

LIST = "/admin/callbacks/callbackrequest/"
LATER = MONDAY + timedelta(minutes=5)
SLOT = datetime(2026, 11, 24, 10, 30, tzinfo=LONDON)
YES = {"ground": "asked", "agreed": "on"}


def erase(*requests: CallbackRequest, by, now: datetime = LATER, ground: Ground = Ground.ASKED) -> int:
    return keeping.erase(pks=[each.pk for each in requests], by=by, now=now, ground=ground)


def again(request: CallbackRequest) -> CallbackRequest:
    return CallbackRequest.objects.get(pk=request.pk)


# What goes


def test_an_open_request_is_closed_as_withdrawn_and_emptied(asked, maya):
    request = asked(message="It hurts", email="zoe@example.com")
    assert erase(request, by=maya) == 1
    after = again(request)
    assert {name: getattr(after, name) for name in NOTHING} == NOTHING
    assert (after.status, after.outcome, after.closed_at) == ("closed", "withdrawn", LATER)
    assert (after.erased_at, after.due_at, after.place) == (LATER, None, None)
    events = Event.objects.filter(request=request, at=LATER)
    assert [(each.kind, each.by, each.ground) for each in events] == [
        ("closed", maya, ""),
        ("erased", maya, "asked"),
    ]


def test_a_closed_request_keeps_how_it_ended(asked, anna, maya):
    request = asked()
    desk.close(pk=request.pk, by=anna, now=MONDAY, outcome=Outcome.NO_BREACH)
    erase(request, by=maya, ground=Ground.LAW)
    assert (again(request).outcome, again(request).closed_at) == ("no_breach", MONDAY)
    (event,) = Event.objects.filter(request=request, kind="erased")
    assert (event.ground, event.actor) == ("law", "staff")


@pytest.mark.parametrize("status", ["new", "claimed", "calling", "conflict_check", "suspected_spam"])
def test_it_is_erased_wherever_it_stands(asked, anna, maya, status):
    request = asked(set_apart_because="A link." if status == "suspected_spam" else "")
    if status in {"claimed", "calling"}:
        desk.claim(pk=request.pk, by=anna, now=MONDAY)
    if status == "calling":
        desk.call(pk=request.pk, by=anna, now=MONDAY)
    if status == "conflict_check":
        CallbackRequest.objects.filter(pk=request.pk).update(status=status, conflict_since=MONDAY)
    assert erase(request, by=maya) == 1
    assert (again(request).status, again(request).full_name) == (Status.CLOSED, "")


def test_the_place_is_free_for_somebody_else(asked, maya):
    request = asked(wanted_at=SLOT)
    assert again(request).place == 1
    erase(request, by=maya)
    assert asked(full_name="Somebody Else", wanted_at=SLOT, at=LATER).place == 1


def test_what_the_same_person_has_open_besides_keeps_the_place(asked, maya):
    first = asked()
    second = asked(wanted_at=SLOT, at=MONDAY + timedelta(minutes=1), message="Again")
    assert (again(first).place, again(second).place) == (None, 1)
    erase(second, by=maya)
    kept = again(first)
    assert (kept.place, kept.due_from, kept.full_name) == (1, SLOT, "Zoë Example")


def test_notes_answers_and_what_could_be_taken_back_go(asked, anna, maya):
    request = asked()
    desk.add_note(pk=request.pk, by=anna, now=MONDAY, text="A note")
    desk.close(pk=request.pk, by=anna, now=LATER, outcome=Outcome.NO_BREACH, reason="A reason")
    Note.objects.create(request=request, kind="answer", question="What?", text="An answer", at=MONDAY)
    Note.objects.create(request=request, kind="addition", text="An addition", at=MONDAY)
    assert (Note.objects.count(), Undo.objects.count()) == (4, 1)
    erase(request, by=maya)
    assert (Note.objects.count(), Undo.objects.count()) == (0, 0)
    with pytest.raises(Refused):
        undoing.undo(pk=request.pk, by=anna, now=LATER)


def test_an_undo_of_the_whole_group_goes_with_one_of_it(asked, anna, maya):
    first = asked()
    second = asked(message="Again", at=MONDAY + timedelta(minutes=1))
    desk.close(pk=second.pk, by=anna, now=LATER, outcome=Outcome.NO_BREACH)
    assert Undo.objects.get().request == second
    erase(first, by=maya)
    assert Undo.objects.count() == 0
    assert again(second).full_name == "Zoë Example"


def test_who_takes_back_an_outcome_at_that_moment_finds_it_changed(asked, anna, maya):
    request, went = asked(), []
    desk.close(pk=request.pk, by=anna, now=LATER, outcome=Outcome.NO_BREACH)

    def first_the_other(execute, sql, params, many, context):
        if "FOR UPDATE" in sql and not went:
            went.append(sql)
            erase(request, by=maya)
        return execute(sql, params, many, context)

    with (
        connection.execute_wrapper(first_the_other),
        pytest.raises(Refused, match=r"^Something has happened to this request since"),
    ):
        undoing.undo(pk=request.pk, by=anna, now=LATER)


def test_what_was_still_to_be_sent_is_not_sent(asked, maya, mailoutbox):
    request = asked(email="zoe@example.com")
    assert request.notices.filter(kind="receipt").exists()
    erase(request, by=maya)
    assert request.notices.count() == 0
    assert notices.send_owed(now=LATER) == 0
    assert mailoutbox == []


def test_nobody_is_erased_while_an_e_mail_to_them_is_on_its_way(asked, maya):
    request = asked(email="zoe@example.com")
    worker = connection.copy()
    try:
        with worker.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key_of(sending_about(request.pk))])
        with pytest.raises(Refused, match=r"is on its way at this moment\. Try again in a minute\.$"):
            erase(request, by=maya)
    finally:
        worker.close()
    assert again(request).full_name == "Zoë Example"


def test_messages_that_wait_in_a_session_go_and_nobody_is_logged_out(asked, maya):
    session = SessionStore()
    session["_messages"], session["_auth_user_id"] = '["Zoë Example"]', "7"
    session.create()
    erase(asked(), by=maya)
    assert dict(SessionStore(session.session_key).load()) == {"_auth_user_id": "7"}


@pytest.mark.parametrize("meanwhile", ["flushed", "changed"])
def test_whoever_logs_out_or_goes_on_at_that_moment_is_not_in_the_way(asked, maya, meanwhile):
    session = SessionStore()
    session["_messages"] = '["Zoë Example"]'
    session.create()
    request, went = asked(), []

    def first_the_other(execute, sql, params, many, context):
        if sql.startswith('UPDATE "django_session"') and not went:
            went.append(sql)
            other = SessionStore(session.session_key)
            other["step"] = "newer"
            other.flush() if meanwhile == "flushed" else other.save()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(first_the_other):
        assert erase(request, by=maya) == 1
    left = dict(SessionStore(session.session_key).load())
    assert (len(went), left) == (1, {} if meanwhile == "flushed" else {"step": "newer"})


# Letters kept as files


@pytest.fixture
def folder(settings, tmp_path):
    options = {"file_path": str(tmp_path)}
    backend = "django.core.mail.backends.filebased.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path


def letters(folder) -> str:
    return "".join(file.read_text() for file in sorted(folder.iterdir()))


def test_the_letters_to_them_go_and_those_to_others_stay(asked, maya, folder):
    request = asked(email="zoe@example.com")
    asked(full_name="Ann Other", email="ann@example.com")
    assert notices.send_owed(now=LATER) == 2
    assert "zoe@example.com" in letters(folder)
    erase(request, by=maya)
    assert len(list(folder.iterdir())) == 1
    assert str(request) not in letters(folder)
    assert "To: ann@example.com" in letters(folder)


def test_of_a_file_with_several_letters_only_theirs_go(asked, folder):
    first, second = asked(email="zoe@example.com"), asked(full_name="Ann Other", email="ann@example.com")
    notices.send_owed(now=LATER)
    files = sorted(folder.glob("*.log"))
    together = b"".join(file.read_bytes() for file in files)
    for file in files[1:]:
        file.unlink()
    files[0].write_bytes(together)
    assert mail_files.delete_letters([str(first)]) == 1
    assert ("zoe@example.com" in letters(folder), "ann@example.com" in letters(folder)) == (False, True)
    assert mail_files.delete_letters([str(second)]) == 1
    assert list(folder.iterdir()) == []


def test_a_letter_that_another_erasure_has_just_deleted_is_not_missed(asked, maya, folder):
    (folder / "gone.log").symlink_to(folder / "nowhere")
    assert erase(asked(email="zoe@example.com"), by=maya) == 1


# What is refused


@pytest.mark.parametrize("who", ["anna", "paula"])
def test_nobody_but_managers_erases(request, asked, client, who):
    user, callback = request.getfixturevalue(who), asked()
    with pytest.raises(Refused, match=r"^Only managers erase"):
        erase(callback, by=user)
    client.force_login(user)
    address = f"{LIST}{callback.pk}/erase/"
    assert post_with_code(client, address, YES | {"requests": callback.pk}).status_code == 403
    assert client.get(address).status_code == 403
    assert "Erase this person" not in client.get(f"{LIST}{callback.pk}/change/").content.decode()
    assert again(callback).full_name == "Zoë Example"


def test_what_a_solicitor_is_deciding_is_not_erased(asked, anna, maya):
    request = asked()
    desk.claim(pk=request.pk, by=anna, now=MONDAY)
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=MONDAY)
    with pytest.raises(Refused, match=f"^A solicitor is deciding {request}: a partner closes it first"):
        erase(request, by=maya)
    assert again(request).full_name == "Zoë Example"


def test_twice_is_once(asked, maya):
    request = asked()
    assert (erase(request, by=maya), erase(request, by=maya, now=LATER + timedelta(hours=1))) == (1, 0)
    assert again(request).erased_at == LATER
    assert Event.objects.filter(request=request, kind="erased").count() == 1


# After an older backup


def test_what_a_backup_brought_back_is_erased_again_and_only_once(asked, maya):
    open_one, other = asked(), asked(full_name="Ann Other")
    assert keeping.erase_again([open_one.pk, open_one.pk, 10**9], LATER) == 1
    after = again(open_one)
    assert (after.full_name, after.outcome, after.erased_at) == ("", "withdrawn", LATER)
    event = Event.objects.get(request=open_one, kind="erased")
    assert (event.actor, event.by, event.ground) == ("system", None, "restored")
    assert keeping.erase_again([open_one.pk], LATER + timedelta(days=1)) == 0
    assert again(other).full_name == "Ann Other"


def test_the_erased_and_forgotten_are_listed_from_a_moment_on(asked, anna, maya):
    erased, forgotten = asked(), asked(full_name="Ann Other")
    asked(full_name="Still Here")
    erase(erased, by=maya)
    desk.close(pk=forgotten.pk, by=anna, now=MONDAY, outcome=Outcome.SPAM)
    month = MONDAY + timedelta(days=30)
    assert list(keeping.forget(now=month)) == [1]
    assert keeping.erased_since(LATER) == [(erased.pk, MONDAY, LATER), (forgotten.pk, MONDAY, month)]
    assert keeping.erased_since(LATER + timedelta(seconds=1)) == [(forgotten.pk, MONDAY, month)]


# The visitor's own page


def test_their_link_says_courteously_that_nothing_is_held(asked, maya, client):
    request = asked(message="It hurts")
    address = request.get_absolute_url()
    erase(request, by=maya)
    assert again(request).token == spent(request.token)
    for path in ("", "time/", "cancel/", "call.ics"):
        response = client.get(f"{address}{path}")
        html = response.content.decode()
        assert (response.status_code, response["X-Robots-Tag"]) == (410, "noindex")
        assert "We no longer hold anything that was said in it" in html
        assert "zo" not in html.lower().split("<main")[1].split("</main>")[0].replace("zone", "")
    assert client.post(f"{address}cancel/").status_code == 410
    assert client.get(again(request).get_absolute_url()).status_code == 404


# The page


@pytest.fixture
def manager(client, maya) -> Client:
    client.force_login(maya)
    return client


def test_the_page_lists_what_may_be_theirs_and_ticks_what_is(asked, manager):
    now = timezone.now()
    phone = "+447700900982"
    request = asked(at=now, email="zoe@example.com", phone=phone)
    linked = asked(at=now, message="Again", phone=phone)
    by_mail = asked(at=now, full_name="Zoe Example", phone="+447700900555", email="ZOE@example.com")
    household = asked(at=now, full_name="Ann Other", phone=phone)
    stranger = asked(at=now, full_name="Someone Else")
    response = manager.get(f"{LIST}{request.pk}/erase/")
    found = {row.pk: ticked for row, ticked in response.context["found"]}
    assert found == {request.pk: True, linked.pk: True, by_mail.pk: True, household.pk: False}
    assert str(stranger) not in response.content.decode()
    assert Event.objects.filter(kind="seen", request=household).count() == 1


def test_of_more_than_fit_the_page_says_so_and_has_the_one_it_is_about(asked, manager, monkeypatch):
    monkeypatch.setattr(erasing, "MOST", 2)
    start = timezone.now() - timedelta(hours=1)
    own = asked(at=start)
    others = [asked(at=start + timedelta(minutes=each), message=f"{each}") for each in (1, 2)]
    address = f"{LIST}{own.pk}/erase/"
    page = manager.get(address)
    assert [row.pk for row, _ in page.context["found"]] == [own.pk, others[1].pk]
    more = "These are 2 of 3: erase them, and then the rest from the page of one that is left"
    assert more in " ".join(unescape(page.content.decode()).split())
    given = YES | {"requests": [own.pk, others[1].pk]}
    after = unescape(post_with_code(manager, address, given, follow=True).content.decode())
    assert "Erased: 2 requests." in after
    assert f"Not erased yet: {others[0]}, which may be theirs." in after


def test_a_manager_erases_what_is_ticked_and_nothing_else(asked, manager, maya):
    request = asked(at=timezone.now())
    household = asked(at=timezone.now(), full_name="Ann Other", phone=request.phone)
    address = f"{LIST}{request.pk}/erase/"
    response = post_with_code(manager, address, YES | {"requests": [request.pk]}, follow=True)
    html = unescape(response.content.decode())
    assert "Erased: 1 request." in html
    assert "Maya Dean erased what they told us: they asked for it" in html
    assert (again(request).full_name, again(household).full_name) == ("", "Ann Other")
    assert manager.get(address).status_code == 302


def test_the_page_says_that_a_complaint_about_data_protection_stays(asked, manager):
    page = manager.get(f"{LIST}{asked(at=timezone.now()).pk}/erase/").content.decode()
    words = " ".join(page.split())
    assert 'href="/admin/callbacks/datacomplaint/">complaint about data protection</a>' in words


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("requests", "Tick what is to be erased."),
        ("ground", "Say why they are erased."),
        ("agreed", "Tick that it is to be erased for good."),
    ],
)
def test_nothing_is_erased_without_every_answer(asked, manager, missing, sentence):
    request = asked(at=timezone.now())
    given = YES | {"requests": [request.pk]}
    del given[missing]
    response = post_with_code(manager, f"{LIST}{request.pk}/erase/", given)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert again(request).full_name == "Zoë Example"


def test_somebody_else_cannot_be_slipped_in_nor_a_ground_that_is_not_on_offer(asked, manager):
    request = asked(at=timezone.now())
    stranger = asked(at=timezone.now(), full_name="Someone Else")
    for given in ({"requests": [request.pk, stranger.pk]}, {"ground": "restored"}, {"requests": ["x"]}):
        response = post_with_code(
            manager, f"{LIST}{request.pk}/erase/", YES | {"requests": [request.pk]} | given
        )
        assert response.status_code == 422
    assert (again(request).full_name, again(stranger).full_name) == ("Zoë Example", "Someone Else")


def test_a_refusal_is_told_on_the_page(asked, manager, anna):
    request = asked(at=timezone.now())
    desk.claim(pk=request.pk, by=anna, now=timezone.now())
    desk.pass_to_solicitor(pk=request.pk, by=anna, now=timezone.now())
    response = post_with_code(manager, f"{LIST}{request.pk}/erase/", YES | {"requests": [request.pk]})
    assert response.status_code == 409
    assert f"A solicitor is deciding {request}" in response.content.decode()


@pytest.mark.parametrize("code", ["", "123456", "aaaa bbbb"])
def test_without_a_fresh_code_nothing_is_erased(asked, manager, code):
    request = asked(at=timezone.now())
    given = YES | {"requests": [request.pk], "code": code}
    assert post_with_code(manager, f"{LIST}{request.pk}/erase/", given).status_code == 422
    assert again(request).full_name == "Zoë Example"
