"""`manage.py add_staff`: a login with exactly one group, or a sentence that says why not."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from firm_site import roles, second_factor
from firm_site.management.commands import add_staff
from firm_site.models import User

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery"


def refused(*arguments: str) -> str:
    """The sentence of the refusal."""
    with pytest.raises(CommandError) as refusal:
        call_command("add_staff", *arguments)
    return str(refusal.value)


@pytest.fixture
def typed(monkeypatch):
    """Answer the questions for a password, in turn."""
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)

    def answer(*passwords: str) -> None:
        left = iter(passwords)
        monkeypatch.setattr(add_staff, "getpass", lambda prompt: next(left))

    return answer


@pytest.mark.parametrize("group", roles.ROLES)
def test_a_login_has_one_group_and_is_never_a_superuser(monkeypatch, capsys, group):
    monkeypatch.setenv("STAFF_PASSWORD", GOOD)
    call_command("add_staff", "dana", "--group", group, "--first-name", "Dana", "--last-name", "Field")
    dana = User.objects.get()
    assert [each.name for each in dana.groups.all()] == [group]
    assert (dana.is_staff, dana.is_superuser, dana.is_active) == (True, False, True)
    assert dana.check_password(GOOD)
    assert str(dana) == "Dana Field"
    said, code = capsys.readouterr().out.splitlines()
    assert said == f"dana can log in at /admin/, as {group}."
    assert second_factor.may_enrol(dana, code.rpartition(": ")[2], now=timezone.now())


def test_without_the_variable_the_password_is_asked_twice(typed):
    typed(GOOD, GOOD)
    call_command("add_staff", "dana", "--group", "desk")
    assert User.objects.get().check_password(GOOD)


def test_two_passwords_that_differ_make_no_login(typed):
    typed(GOOD, GOOD + "!")
    assert refused("dana", "--group", "desk") == "The two passwords differ. Start again."
    assert User.objects.count() == 0


def test_where_nobody_can_be_asked_the_variable_is_named(monkeypatch):
    monkeypatch.delenv("STAFF_PASSWORD", raising=False)

    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(add_staff, "getpass", nobody)
    assert refused("dana", "--group", "desk") == ("No password was given: type one, or set STAFF_PASSWORD.")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "This password is too short. It must contain at least 12 characters."),
        ("1qaz2wsx3edc", "This password is too common."),
        ("margaret-dana-field", "The password is too similar to the username."),
    ],
)
def test_a_weak_password_makes_no_login(monkeypatch, password, sentence):
    monkeypatch.setenv("STAFF_PASSWORD", password)
    assert sentence in refused("margaret-dana-f", "--group", "desk")
    assert User.objects.count() == 0


def test_a_name_that_is_taken_in_any_case_makes_no_second_login(monkeypatch):
    monkeypatch.setenv("STAFF_PASSWORD", GOOD)
    call_command("add_staff", "dana", "--group", "desk")
    assert refused("Dana", "--group", "partners") == (
        "There is already a login named Dana. Choose another name."
    )
    assert [group.name for group in User.objects.get().groups.all()] == ["desk"]


def test_a_name_that_cannot_be_typed_at_the_login_is_refused(monkeypatch):
    monkeypatch.setenv("STAFF_PASSWORD", GOOD)
    assert "Enter a valid username." in refused("dana field", "--group", "desk")


@pytest.mark.parametrize("arguments", [["dana"], ["dana", "--group", "kings"]])
def test_a_group_must_be_one_of_ours(monkeypatch, arguments):
    monkeypatch.setenv("STAFF_PASSWORD", GOOD)
    assert "--group" in refused(*arguments)
    assert User.objects.count() == 0


def test_a_lost_telephone_is_forgotten_and_a_new_code_given(anna, capsys):
    second_factor.to_be_set_up(anna)
    old = second_factor.new_enrolment(anna, now=timezone.now())
    call_command("add_staff", "anna", "--reset")
    new = capsys.readouterr().out.strip().rpartition(": ")[2]
    good = [second_factor.may_enrol(anna, code, now=timezone.now()) for code in (old, new)]
    assert (good, TOTPDevice.objects.count()) == ([False, True], 0)


def test_a_login_is_made_inactive_on_the_server(paula):
    call_command("add_staff", "paula", "--disable")
    paula.refresh_from_db()
    assert paula.is_active is False


def test_a_disabled_login_gets_no_code_until_it_is_enabled(paula):
    call_command("add_staff", "paula", "--disable")
    assert refused("paula", "--reset") == (
        "paula is disabled, and a code would lead nowhere: --enable first."
    )
    call_command("add_staff", "paula", "--enable")
    paula.refresh_from_db()
    assert paula.is_active is True
    call_command("add_staff", "paula", "--reset")


def test_a_name_is_kept_as_the_login_reads_it(monkeypatch):
    monkeypatch.setenv("STAFF_PASSWORD", GOOD)
    call_command("add_staff", "zoe\u0308", "--group", "desk")  # as some keyboards send ë
    assert User.objects.get().username == "zo\u00eb"
    call_command("add_staff", "zoe\u0308", "--disable")


@pytest.mark.parametrize("what", ["--reset", "--disable", "--enable"])
def test_a_login_that_there_is_not_is_named(what):
    assert refused("dana", what) == "There is no login named dana."
