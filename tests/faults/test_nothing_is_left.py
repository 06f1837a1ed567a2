"""A person is erased who left words in every field and on every path: a dump of the whole database, the
letters kept as files and the sessions of staff hold none of them, and another person's stay."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from callbacks import notices
from callbacks.actions import Refused, keeping
from callbacks.admin.verbs import VERBS
from callbacks.models import CallbackRequest, Event, Ground, Note, NoteKind
from firm_site import embedded_postgres
from tests.client import Client, post_with_code
from tests.conftest import member_of

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/callbacks/callbackrequest/"


def asked_by(word: str, phone: str) -> dict[str, str]:
    """Every field of the form, filled in."""
    texts = ("message", "procedure", "procedure_date", "clinic", "call_needs")
    return {each: f"{word} {each.replace('_', ' ')}" for each in texts} | {
        "full_name": f"{word} Example",
        "phone": f"{phone} ask for {word}",
        "email": f"{word}@example.com",
        "when": "asap",
        "say_who": "yes",
        "leave_message": "yes",
        "page": f"/guides/{word}/",
        "page_version": "1",
    }


class Person:
    """Somebody who asks, changes everything that can be changed, and is worked by the desk."""

    def __init__(self, word: str, phone: str, other: str) -> None:
        self.word, self.phone, self.other = word, phone, other

    def does_everything(self, desk: Client, manager: Client) -> CallbackRequest:
        visitor = Client()
        own = visitor.post("/request-a-callback/", asked_by(self.word, self.phone))["Location"]
        self.token = own.split("/")[2]
        assert notices.send_owed(now=timezone.now()) == 1
        request = CallbackRequest.objects.get(token=self.token)
        visitor.post(f"{own}number/", {"phone": self.other})
        visitor.post(f"{own}add/", {"text": f"{self.word} addition"})
        question, one = f"What did {self.word} say?", f"{LIST}{request.pk}/"
        for verb, given in (
            ("claim", {}),
            ("carried-out-by", {"clinic": f"{self.word} clinic again"}),
            ("correct-number", {"typed": f"{self.phone} {self.word}"}),
            ("note", {"text": f"{self.word} note"}),
        ):
            self.press(desk, one, verb, given)
        answer = {"question": question, "text": f"{self.word} answer", "edits": "0"}
        assert desk.post(f"{one}answer/", answer).status_code == 200
        self.press(manager, one, "take-over", {"reason": f"{self.word} taking over"})
        taken_on = {"outcome": "taken_on", "reason": f"{self.word} closing"}
        self.press(manager, one, "close", taken_on)
        self.press(manager, one, "hand-over", {"case_number": f"{self.word} 1"})
        self.press(manager, one, "hand-over", {"case_number": f"{self.word} 2"})
        self.press(manager, one, "reopen", {"reason": f"{self.word} reopening"})
        self.press(manager, one, "close", taken_on)
        given = {"of": self.phone, "reason": f"{self.word} disclosing"}
        assert post_with_code(manager, f"{LIST}held/", given).status_code == 200
        visitor.post("/request-a-callback/", asked_by(self.word, self.phone) | {"website": self.word})
        return request

    def press(self, client: Client, one: str, verb: str, given: dict[str, str]) -> None:
        answers = {f"{verb}-{name}": value for name, value in given.items()}
        assert client.post(f"{one}{verb}/", answers).status_code == 302, (verb, VERBS[verb].label)

    def canaries(self) -> list[str]:
        digits = self.phone.replace(" ", "")[1:]
        return [self.word, digits, self.phone[-7:], self.other[-7:], self.token]


def dumped() -> str:
    """The whole database, as pg_dump writes it in plain SQL."""
    place = connection.settings_dict
    env = {"PGPASSWORD": str(place["PASSWORD"])}
    host = ["-h", place["HOST"]] if place["HOST"] else []
    port = ["-p", str(place["PORT"])] if place["PORT"] else []
    program = embedded_postgres.find_programs("pg_dump") / "pg_dump"
    whole = [str(program), *host, *port, "-U", place["USER"], "-d", place["NAME"], "--format=plain"]
    return subprocess.run(whole, env=env, capture_output=True, text=True, check=True).stdout


def kept_besides(folder: Path) -> str:
    """The letters that are kept as files, and what the sessions of staff hold."""
    letters = [file.read_text() for file in sorted(folder.iterdir())]
    return "".join([*letters, *(str(each.get_decoded()) for each in Session.objects.all())])


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    options = {"file_path": str(tmp_path)}
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    settings.NOTIFY = ["desk@example.com"]
    return tmp_path


@pytest.fixture
def staff() -> tuple[Client, Client]:
    desk, manager = Client(), Client()
    desk.force_login(member_of("desk", "anna", "Anna", "Bell"))
    manager.force_login(member_of("managers", "maya", "Maya", "Dean"))
    return desk, manager


def test_of_whoever_is_erased_no_word_is_left_and_of_another_every_word(folder, staff):
    desk, manager = staff
    quokka = Person("quokka", "07700 900 417", "01632 960 852")
    wombat = Person("wombat", "07700 900 634", "01632 960 291")
    request = quokka.does_everything(desk, manager)
    wombat.does_everything(desk, manager)
    session = SessionStore()
    session["_messages"] = "quokka was worked on"
    session.create()
    before, beside = dumped(), kept_besides(folder)
    assert "To: quokka@example.com" in beside
    kinds = set(Note.objects.filter(request=request).values_list("kind", flat=True))
    assert kinds == set(NoteKind)
    for person in (quokka, wombat):
        assert {each for each in person.canaries() if each not in before + beside} == set()

    theirs = [row.pk for row in CallbackRequest.objects.filter(full_name__startswith="quokka")]
    assert len(theirs) == 2  # the second was set apart
    address, given = f"{LIST}{request.pk}/erase/", {"ground": "asked", "agreed": "on"}
    assert post_with_code(manager, address, given | {"requests": theirs}).status_code == 302

    after, beside = dumped(), kept_besides(folder)
    assert [each for each in quokka.canaries() if each in (after + beside).lower()] == []
    assert [after.count(each) for each in wombat.canaries()] == [
        before.count(each) for each in wombat.canaries()
    ]
    assert "wombat@example.com" in beside
    assert str(request) in after


class TellsInBetween:
    """A mail server that takes its time: meanwhile somebody wants the person erased."""

    said: str = ""

    def __init__(self, **options: object) -> None:
        pass

    def send_messages(self, messages: list[object]) -> int:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            TellsInBetween.said = pool.submit(_erase_all).result()
        return len(messages)


def _erase_all() -> str:
    from firm_site.models import User

    try:
        pks = list(CallbackRequest.objects.values_list("pk", flat=True))
        keeping.erase(pks=pks, by=User.objects.get(), now=timezone.now(), ground=Ground.ASKED)
        return "erased"
    except Refused as refused:
        return str(refused)
    finally:
        connection.close()


def test_who_is_being_written_to_is_erased_once_the_letter_has_gone(settings):
    member_of("managers", "maya", "Maya", "Dean")
    Client().post("/request-a-callback/", asked_by("quokka", "07700 900 417"))
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.TellsInBetween"}}
    assert notices.send_owed(now=timezone.now()) == 1
    assert "is on its way at this moment" in TellsInBetween.said
    assert _erase_all() == "erased"
    assert Event.objects.filter(kind="erased").count() == 1
    assert site_settings.MAILERS
