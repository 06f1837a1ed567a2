"""Secrets come from the environment or from files, and no message repeats them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from firm_site import data_folder, embedded_postgres
from firm_site.settings import _database, _mailer, _secret

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ["SECRET_KEY", "DATABASE_URL", "OWNER_DATABASE_URL", "EMAIL_URL", "BACKUP_KEY"]
HUSH = "quokka"


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv("A_SECRET", raising=False)


def why_not(read, *arguments) -> str:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(*arguments)
    # Else a traceback would show what it came from.
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    return str(refusal.value)


def test_a_secret_is_read_from_its_file_without_the_line_break_at_its_end(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text(f" {HUSH}\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))
    assert _secret("A_SECRET") == _secret("A_SECRET", "another") == HUSH


def test_a_secret_is_read_from_the_environment(monkeypatch):
    assert _secret("A_SECRET", "") == ""
    monkeypatch.setenv("A_SECRET", HUSH)
    assert _secret("A_SECRET", "") == HUSH


def test_a_secret_that_is_given_twice_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("A_SECRET", HUSH)
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured) as refusal:
        _secret("A_SECRET")
    assert str(refusal.value) == "A_SECRET and A_SECRET_FILE are both set: leave one of them out."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"\xff\xfe", "cannot be read: it is not text."),
        (b" \n", "is empty."),
    ],
    ids=["missing", "not text", "empty"],
)
def test_a_file_without_a_secret_is_one_sentence(monkeypatch, tmp_path, content, reason):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("A_SECRET_FILE", str(file))
    with pytest.raises(ImproperlyConfigured) as refusal:
        _secret("A_SECRET", "")
    assert str(refusal.value) == f"A_SECRET_FILE: {file} {reason}"


@pytest.mark.parametrize(
    "url",
    [f"postgres://user:{HUSH}/word@host:5432/name", f"postgres://user:[{HUSH}@host/name"],
    ids=["a slash", "a bracket"],
)
def test_a_password_that_does_not_fit_its_address_is_not_repeated(url):
    assert HUSH not in why_not(_database, "DATABASE_URL", url)
    assert HUSH not in why_not(_mailer, url.replace("postgres", "smtp"))


def test_every_secret_may_come_from_a_file(tmp_path):
    values = {
        "SECRET_KEY": HUSH,
        "DATABASE_URL": f"postgres://site:{HUSH}@host/firm",
        "OWNER_DATABASE_URL": f"postgres://owner:{HUSH}@host/firm",
        "EMAIL_URL": f"smtp://user:{HUSH}@host",
        "BACKUP_KEY": HUSH,
    }
    assert list(values) == SECRETS
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    for name, value in values.items():
        (tmp_path / name).write_text(f"{value}\n")
        environment[f"{name}_FILE"] = str(tmp_path / name)
    read = "s.SECRET_KEY, s.DATABASES['default']['PASSWORD'], s.DATABASES['owner']['PASSWORD'], "
    read += "s.MAILERS['default']['OPTIONS']['password'], s.BACKUP_KEY"
    program = f"from firm_site import settings as s; print({read})"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == [HUSH] * 5


def test_a_data_folder_provides_nothing_that_a_file_names(monkeypatch, tmp_path):
    for name in ("DATA", "SECRET_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "to be put back")
        monkeypatch.delenv(name)
        monkeypatch.setenv(f"{name}_FILE", "/run/secrets/it")
    data_folder.provide(["--data-dir", str(tmp_path)])
    assert {"SECRET_KEY", "DATABASE_URL"} & set(os.environ) == set()
    assert list(tmp_path.iterdir()) == []


def test_an_owner_without_the_database_is_one_sentence(monkeypatch, tmp_path):
    for name in ("DATA", "DATABASE_URL"):
        monkeypatch.setenv(name, "to be put back")
        monkeypatch.delenv(name)
    monkeypatch.setenv("OWNER_DATABASE_URL", "postgres://elsewhere/firm")
    with pytest.raises(data_folder.CannotProvide, match="set both, or neither"):
        data_folder.provide(["--data-dir", str(tmp_path)])


def test_the_site_of_the_embedded_database_has_a_role_of_its_own():
    assert embedded_postgres.as_site("postgresql://postgres@%2Ftmp:5432/firm") == (
        "postgresql://site@%2Ftmp:5432/firm"
    )
