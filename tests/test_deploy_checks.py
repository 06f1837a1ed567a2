"""`check --deploy`: each check of ours says what is wrong and how to mend it, or is silent."""

import os
import re
import secrets
import subprocess
import sys

import pytest
from django.conf import settings as site_settings
from django.core.checks import Warning, run_checks
from django.db import connection
from django.utils.csp import CSP

from firm_site import deploy_checks
from firm_site.settings import _mailer

ROOT = site_settings.BASE_DIR


@pytest.fixture(autouse=True)
def _as_in_production(settings) -> None:
    settings.SECRET_KEY = secrets.token_urlsafe(50)
    settings.NOTIFY = ["desk@example.com"]
    settings.MAILERS = {"default": _mailer("smtp://user:password@mail.example.com")}


def said() -> list[tuple[str | None, str]]:
    """What our deploy checks say, as `check --deploy` runs them: the id and the words of each."""
    found = run_checks(include_deployment_checks=True)
    ours = [each for each in found if str(each.id).startswith("firm.W1")]
    assert all(isinstance(each, Warning) and each.hint for each in ours)
    return [(each.id, each.msg) for each in ours]


def test_where_all_is_well_they_are_silent():
    assert said() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, "it does not begin with default-src 'none'"),
        ({"default-src": [CSP.SELF]}, "it does not begin with default-src 'none'"),
        ({"default-src": [CSP.NONE, CSP.SELF]}, "it does not begin with default-src 'none'"),
        ({"style-src": [CSP.UNSAFE_INLINE]}, "style-src allows 'unsafe-inline'"),
        ({"script-src": [CSP.SELF, CSP.UNSAFE_EVAL]}, "script-src allows 'unsafe-eval'"),
        ({"script-src": [CSP.UNSAFE_HASHES]}, "script-src allows 'unsafe-hashes'"),
        ({"img-src": ["data:"]}, "img-src allows data:"),
        ({"img-src": ["*"]}, "img-src allows *"),
    ],
)
def test_a_policy_that_is_too_wide(settings, change, fault):
    policy = dict(site_settings.SECURE_CSP)
    settings.SECURE_CSP = policy | change if change else dict(reversed(policy.items()))
    assert said() == [("firm.W101", f"Content security policy: {fault}.")]


def test_the_policy_of_staff_pages_is_looked_at_too(monkeypatch):
    wide = deploy_checks.EDITOR_CSP | {"style-src": [CSP.UNSAFE_INLINE]}
    monkeypatch.setattr(deploy_checks, "EDITOR_CSP", wide)
    assert said() == [("firm.W101", "Content security policy: style-src allows 'unsafe-inline'.")]


def test_no_policy_at_all(settings):
    none = [("firm.W101", "Content security policy: none is sent.")]
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "csp" not in each]
    assert said() == none


def test_an_empty_policy(settings):
    settings.SECURE_CSP = {}
    assert said() == [("firm.W101", "Content security policy: none is sent.")]


@pytest.mark.parametrize(
    "key",
    [
        "for-tests-only-and-long-enough-to-satisfy-every-check-of-django",  # which everybody can read
        "my very Secret key 0123456789 abcdefghijklmnopqrstuvwxyz",
        "change-me " + "qwertyuiop[]asdfghjkl;'zxcvbnm,./QWERTYUIOP{}",
        "0123456789abcdefghij" * 3,
        "correct horse battery staple, correct horse battery staple",
    ],
    ids=["of the tests", "a word", "another word", "repeated", "a sentence twice"],
)
def test_a_key_that_somebody_typed(settings, key):
    settings.SECRET_KEY = key
    assert [each[0] for each in said()] == ["firm.W102"]


def test_a_key_drawn_at_random_is_none_of_those(settings):
    for _ in range(300):
        settings.SECRET_KEY = secrets.token_urlsafe(50)
        assert deploy_checks.the_secret_key_was_drawn_at_random() == []
        settings.SECRET_KEY = secrets.token_hex(32)
        assert deploy_checks.the_secret_key_was_drawn_at_random() == []


def test_no_address_for_notices(settings):
    settings.NOTIFY = []
    assert [each[0] for each in said()] == ["firm.W103"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("file:///var/mail", ["firm.W104"]),
        ("smtp://mail.example.com?tls=no", ["firm.W105"]),
        ("smtp://user:password@192.0.2.7:25?tls=no", ["firm.W105"]),
        ("smtp://localhost.example.com?tls=no", ["firm.W105"]),
        ("smtp://localhost?tls=no", []),
        ("smtp://127.0.0.1:2525?tls=no", []),
        ("smtp://[::1]?tls=no", []),
        ("smtp://mail.example.com", []),
        ("smtps://mail.example.com", []),
    ],
)
def test_mail_that_goes_nowhere_or_unsealed(settings, url, found):
    settings.MAILERS = {"default": _mailer(url)}
    assert [each[0] for each in said()] == found


def test_the_command_names_what_is_wrong_and_fails():
    given = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "https://www.example.com",
        "EMAIL_URL": "smtp://localhost",
        "NOTIFY": "",
        "DJANGO_SETTINGS_MODULE": "firm_site.settings",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    known = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    ended = subprocess.run(command, cwd=ROOT, env=known | given, capture_output=True, text=True)
    assert (ended.returncode, re.findall(r"^\?: \((.*?)\)", ended.stderr, re.MULTILINE)) == (1, ["firm.W103"])


LOGS_NO_WORD = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("log_min_error_statement", "error"),
        ("log_error_verbosity", "default"),
        ("log_statement", "all"),
        ("log_min_duration_statement", "1s"),
    ],
)
def test_a_database_whose_log_would_hold_what_people_write(setting, value):
    def found() -> list[str]:
        with_database = run_checks(include_deployment_checks=True, databases=["default"])
        return [each.msg for each in with_database if each.id == "firm.W106"]

    with connection.cursor() as cursor:
        for name, good in LOGS_NO_WORD.items():
            cursor.execute(f"SET LOCAL {name} = '{good}'")
        assert found() == []
        cursor.execute(f"SET LOCAL {setting} = '{value}'")
    assert found() == [f"PostgreSQL's own log may hold what people write: {setting} is “{value}”."]
    assert said() == []  # which asks no database
