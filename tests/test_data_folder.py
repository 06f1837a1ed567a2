"""What the data folder provides where the environment names nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firm_site import data_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def provided(monkeypatch):
    """What `provide` sets is forgotten after each test."""
    for name in ("DATA", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.setenv(name, "to be put back")
    monkeypatch.delenv("DATA")
    monkeypatch.setenv("DATABASE_URL", "postgres://named/elsewhere")


def test_the_option_wins_over_the_environment_and_that_over_var(monkeypatch, tmp_path):
    data_folder.provide([])
    assert os.environ["DATA"] == str(ROOT / "var")
    monkeypatch.setenv("DATA", str(tmp_path / "named"))
    data_folder.provide(["--port", "1"])
    assert os.environ["DATA"] == str(tmp_path / "named")
    data_folder.provide(["--data-dir", str(tmp_path / "given"), "--port", "1"])
    assert os.environ["DATA"] == str(tmp_path / "given")


def test_a_database_and_a_key_that_are_named_are_left_alone(tmp_path):
    data_folder.provide(["--data-dir", str(tmp_path / "data")])
    assert os.environ["DATABASE_URL"] == "postgres://named/elsewhere"
    assert os.environ["SECRET_KEY"] == "to be put back"
    assert list((tmp_path / "data").iterdir()) == []


def test_a_key_is_made_once_and_only_its_owner_can_read_it(monkeypatch, tmp_path):
    keys = []
    for _ in range(2):
        monkeypatch.delenv("SECRET_KEY")
        data_folder.provide(["--data-dir", str(tmp_path)])
        keys.append(os.environ["SECRET_KEY"])
    assert keys[0] == keys[1]
    assert len(keys[0]) >= 50
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [
        ("secret_key", 0o600)
    ]


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        data_folder.CannotProvide, match=r"^The data folder .*file/inside cannot be used: .*\.$"
    ):
        data_folder.provide(["--data-dir", str(tmp_path / "file" / "inside")])


@pytest.mark.parametrize("setting", [{"SITE_URL": "example"}, {"DATABASE_URL": "mysql://elsewhere"}])
def test_a_setting_that_cannot_be_read_is_one_line_and_no_traceback(setting):
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": "k", **setting},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert next(iter(setting)) in ended.stderr


def test_an_old_python_is_told_so_in_one_line():
    olds = [f"python3.{minor}" for minor in range(6, 12)] + ["/usr/bin/python3"]
    for old in olds:
        try:
            asked = subprocess.run(
                [old, "-c", "import sys; print(sys.version_info < (3, 12))"], capture_output=True, check=False
            )
        except FileNotFoundError:
            continue
        if asked.stdout.strip() == b"True":
            break
    else:
        pytest.skip("no Python older than 3.12 on this machine")
    ended = subprocess.run([old, "manage.py", "up"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Python 3.12 or newer is needed, and this is 3.")
    assert ended.stderr.count("\n") == 1
