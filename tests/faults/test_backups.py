"""Backups count when restored: real dumps of a real database, put into another one."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.faults.running import ROOT, until

ERASE = """
from django.utils import timezone
from callbacks.actions import keeping
print(keeping.erase_again([{pk}], now=timezone.now()))
"""


@dataclass
class Database:
    """A database of the tests' server, and commands that use it."""

    name: str
    data: Path

    @property
    def url(self) -> str:
        return re.sub(r"/[^/]*$", f"/{self.name}", os.environ["DATABASE_URL"])

    def command(self, *arguments: object, **environment: str) -> list[str]:
        self.environment = os.environ | {"DATABASE_URL": self.url, "DATA": str(self.data)} | environment
        return [sys.executable, "manage.py", *map(str, arguments)]

    def run(self, *arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        command = self.command(*arguments, **environment)
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def says(self, query: str) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as session:
            found = session.execute(query)
            return found.fetchall() if found.description else []

    def tables(self) -> int:
        return self.says("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")[0][0]


def administer(statement: str) -> None:
    server = re.sub(r"/[^/]*$", "/postgres", os.environ["DATABASE_URL"])
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(statement)


def made(name: str, data: Path) -> Iterator[Database]:
    administer(f"DROP DATABASE IF EXISTS {name}")
    administer(f"CREATE DATABASE {name}")
    yield Database(name, data)
    administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def used(tmp_path_factory) -> Iterator[Database]:
    """A database with content and requests, as one in use is."""
    for database in made("backed_up", tmp_path_factory.mktemp("used")):
        assert database.run("migrate", "-v0").stderr == ""
        assert database.run("load_first_content").stderr == ""
        assert database.run("make_requests", "20").returncode == 0
        database.says("INSERT INTO django_session VALUES ('of_somebody', '', now() + interval '1 day')")
        yield database


@pytest.fixture
def empty(tmp_path) -> Iterator[Database]:
    yield from made("restored", tmp_path / "of the restored")


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("key") / "secret"


@pytest.fixture(scope="module")
def sealed(used, key, tmp_path_factory) -> Path:
    """A sealed backup, and beside it what was written with it."""
    public = used.run("backup", "--new-key", key).stdout.strip().removeprefix("BACKUP_KEY=")
    file = tmp_path_factory.mktemp("backups") / "monday"
    assert used.run("backup", file, BACKUP_KEY=public).returncode == 0
    return file


@pytest.fixture(scope="module")
def plain(used, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "plain"
    assert used.run("backup", file).returncode == 0
    return file


def test_a_drill_brings_everything_back_but_whom_we_erased_since(used, empty, sealed, key):
    (pk, name), (other, stays) = used.says(
        "SELECT id, full_name FROM callbacks_callbackrequest ORDER BY id LIMIT 2"
    )
    counts = "SELECT count(*) FROM callbacks_callbackrequest, pages_page"
    assert used.run("shell", "-v0", "-c", ERASE.format(pk=pk)).stdout == "1\n"
    assert used.run("backup", sealed.with_name("tuesday")).returncode == 0
    restored = empty.run("restore", sealed, "--identity", key)
    assert (restored.returncode, restored.stderr) == (0, "")
    lines = restored.stdout.splitlines()
    assert lines[-1] == "All of it is there. Erased again: 1 of 1 on the list."
    assert {line.split()[-1] for line in lines[1:-1]} == {"same"}
    assert len(lines) - 2 == used.tables()
    assert empty.says(counts) == used.says(counts)
    names = "SELECT full_name FROM callbacks_callbackrequest WHERE id IN ({}, {}) ORDER BY id"
    assert empty.says(names.format(pk, other)) == [("",), (stays,)] != [(name,), (stays,)]
    sessions = "SELECT count(*) FROM django_session"
    assert (used.says(sessions), empty.says(sessions)) == ([(1,)], [(0,)])
    assert empty.run("check", "--database", "default").returncode == 0


def test_what_is_written_is_for_its_owner_alone_and_a_sealed_one_for_the_key_alone(used, sealed, plain):
    beside = [*sealed.parent.iterdir(), *plain.parent.iterdir()]
    assert {file.stat().st_mode & 0o777 for file in beside} == {0o600}
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert plain.read_bytes().startswith(b"PGDMP")
    proof = json.loads(plain.with_name("plain.json").read_text())
    assert proof["tables"]["callbacks_callbackrequest"]["rows"] == 20
    assert "full_name" not in plain.with_name("plain.json").read_text()


def test_a_changed_byte_is_found_before_anything_is_restored(empty, plain, tmp_path):
    changed = copied(plain, tmp_path)
    some = bytearray(changed.read_bytes())
    some[len(some) // 2] ^= 1
    changed.write_bytes(some)
    restored = empty.run("restore", changed)
    assert restored.returncode == 1
    assert re.search(f"CommandError: {changed} is not what was written on .* UTC: its", restored.stderr)
    assert empty.tables() == 0


def test_a_row_that_is_not_as_it_was_is_found_and_the_command_fails(empty, plain, tmp_path):
    file = copied(plain, tmp_path)
    beside = file.with_name("plain.json")
    proof = json.loads(beside.read_text())
    proof["tables"]["callbacks_event"]["checksum"] = "1"
    beside.write_text(json.dumps(proof))
    restored = empty.run("restore", file)
    assert restored.returncode == 1
    assert [line.split()[0] for line in restored.stdout.splitlines() if line.endswith("DIFFERENT")] == [
        "callbacks_event"
    ]
    assert "not what was backed up: callbacks_event. Do not use it." in restored.stderr


def test_a_backup_of_newer_code_is_refused_before_anything_is_restored(empty, plain, tmp_path):
    file = copied(plain, tmp_path)
    beside = file.with_name("plain.json")
    proof = json.loads(beside.read_text())
    proof["migrations"]["callbacks"].append("9999_of_tomorrow")
    beside.write_text(json.dumps(proof))
    refused = empty.run("restore", file)
    assert (refused.returncode, empty.tables()) == (1, 0)
    assert refused.stderr == (
        "CommandError: The backup is of newer code than this: "
        "here is no migration callbacks.9999_of_tomorrow.\n"
    )


def test_a_backup_of_older_code_is_restored_and_brought_up_to_date(empty, used, tmp_path):
    older = Database("older", tmp_path)
    for database in made(older.name, tmp_path):
        assert database.run("migrate", "-v0").returncode == 0
        assert database.run("migrate", "-v0", "callbacks", "0008").returncode == 0
        assert database.run("backup", tmp_path / "older").returncode == 0
    assert empty.run("restore", tmp_path / "older").returncode == 0
    assert empty.tables() == used.tables()


@pytest.mark.parametrize("beside", [None, "{}", "none"], ids=["missing", "empty", "not one"])
def test_without_its_proof_a_backup_is_refused(empty, plain, tmp_path, beside):
    file = copied(plain, tmp_path)
    file.with_name("plain.json").unlink()
    if beside:
        file.with_name("plain.json").write_text(beside)
    refused = empty.run("restore", file)
    assert (refused.returncode, len(refused.stderr.splitlines()), empty.tables()) == (1, 1, 0)


def test_a_backup_goes_into_an_empty_database_only(used, plain):
    rows = used.says("SELECT count(*) FROM callbacks_event")
    refused = used.run("restore", plain)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"CommandError: The database backed_up is not empty: it has {used.tables()} tables. "
        "A backup goes into an empty one only.\n"
    )
    assert used.says("SELECT count(*) FROM callbacks_event") == rows


def test_a_sealed_backup_opens_with_its_own_key_only(used, empty, sealed, tmp_path):
    another = tmp_path / "another"
    used.run("backup", "--new-key", another)
    (tmp_path / "none").write_text("none")
    said = [
        empty.run("restore", sealed, *options).stderr
        for options in ([], ["--identity", another], ["--identity", tmp_path / "none"])
    ]
    assert said == [
        f"CommandError: {sealed} is sealed: name the file of its secret key, --identity FILE.\n",
        "CommandError: The backup cannot be opened with this secret key: No matching keys found.\n",
        f"CommandError: {tmp_path / 'none'} is not the secret key of a backup.\n",
    ]
    assert empty.tables() == 0


def test_nothing_is_written_over(used, plain):
    before = plain.read_bytes()
    refused = used.run("backup", plain)
    assert (refused.returncode, "exists already, and no backup is written over" in refused.stderr) == (
        1,
        True,
    )
    assert plain.read_bytes() == before


def test_a_key_that_is_none_is_one_sentence_and_no_file(used, tmp_path):
    refused = used.run("backup", tmp_path / "file", BACKUP_KEY="quokka")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert refused.stderr.startswith("CommandError: BACKUP_KEY is not a public key of age")
    assert "quokka" not in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_is_killed_leaves_nothing_under_its_name(used, tmp_path):
    with psycopg.connect(used.url) as holder:
        holder.execute("LOCK TABLE callbacks_postcount")  # which the backup waits for
        command = used.command("backup", tmp_path / "file")
        running = subprocess.Popen(command, cwd=ROOT, env=used.environment)
        until(lambda: list(tmp_path.iterdir()))
        time.sleep(0.5)
        running.kill()
        running.wait()
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith(".")] == []


def test_of_two_backups_under_one_name_one_stays_whole(used, tmp_path, tmp_path_factory):
    key = tmp_path_factory.mktemp("key") / "secret"  # sealed, no two are alike
    public = used.run("backup", "--new-key", key).stdout.strip().removeprefix("BACKUP_KEY=")
    with psycopg.connect(used.url) as holder:
        holder.execute("LOCK TABLE callbacks_postcount")  # which both wait for
        command = used.command("backup", tmp_path / "file", BACKUP_KEY=public)
        told = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        both = [subprocess.Popen(command, cwd=ROOT, env=used.environment, **told) for _ in range(2)]
        until(lambda: len(list(tmp_path.iterdir())) == 2)
        time.sleep(0.5)
    assert sorted(each.wait() for each in both) == [0, 1]
    proof = json.loads((tmp_path / "file.json").read_text())
    assert hashlib.sha256((tmp_path / "file").read_bytes()).hexdigest() == proof["sha256"]


def test_a_backup_is_of_one_moment_while_the_site_goes_on(used, empty, tmp_path):
    """What is written after the counting has begun is in neither the counts nor the dump."""
    with psycopg.connect(used.url) as holder:
        holder.execute("LOCK TABLE callbacks_postcount IN ACCESS EXCLUSIVE MODE")
        command = used.command("backup", tmp_path / "file")
        running = subprocess.Popen(command, cwd=ROOT, env=used.environment, stdout=subprocess.DEVNULL)
        waits = "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database "
        waits += "WHERE NOT granted AND datname = 'backed_up'"
        with psycopg.connect(used.url, autocommit=True) as watcher:
            until(lambda: watcher.execute(waits).fetchone() == (1,))
            watcher.execute("INSERT INTO callbacks_party (name, remark, added_at) VALUES ('Late', '', now())")
    assert running.wait() == 0
    assert empty.run("restore", tmp_path / "file").returncode == 0
    assert empty.says("SELECT count(*) FROM callbacks_party") == [(0,)]
    used.says("DELETE FROM callbacks_party")


def copied(file: Path, folder: Path) -> Path:
    for each in (file, file.with_name(f"{file.name}.json")):
        (folder / each.name).write_bytes(each.read_bytes())
    return folder / file.name
