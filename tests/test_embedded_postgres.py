"""The embedded PostgreSQL: started once, shared, stopped by the last, whole again after a crash."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from firm_site import embedded_postgres

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parent.parent
USER = """
import sys
from pathlib import Path
from firm_site import embedded_postgres
print(embedded_postgres.url(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses a cluster until told to leave."""

    def __init__(self, cluster: Path, **environment: str):
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, cluster],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        return self.process.stdout.readline().strip()

    def leave(self) -> str:
        """Let it end as programs do, and return what it said on the way."""
        said = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, said
        return said

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter: as root the server runs as `nobody`, shut out of pytest's own."""
    path = Path(tempfile.mkdtemp(dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def made_cluster() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(dir="/tmp"))
    path.chmod(0o755)
    yield path / "a folder with spaces" / "pg"
    shutil.rmtree(path)


@pytest.fixture
def cluster(made_cluster: Path) -> Path:
    """The same cluster for most tests, since making one takes a second; not running."""
    User(made_cluster).leave()
    return made_cluster


def execute(url: str, *statements: str) -> object:
    """Run the statements and return the last one's first value."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def runs(url: str) -> bool:
    try:
        return execute(url, "SELECT true") is True
    except psycopg.OperationalError:
        return False


def socket_folder(url: str) -> Path:
    return Path(unquote(url.split("@")[1].split(":")[0]))


def server_process(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().split()[0])


def test_a_lone_user_leaves_nothing_running(cluster):
    user = User(cluster)
    url = user.url()
    assert runs(url)
    user.leave()
    assert not runs(url)
    assert not (cluster / "postmaster.pid").exists()
    assert not socket_folder(url).exists()


def test_the_last_user_stops_the_server_and_no_earlier_one(cluster):
    first, second = User(cluster), User(cluster)
    url = first.url()
    assert second.url() == url
    first.leave()
    assert runs(url)
    second.leave()
    assert not runs(url)


def test_two_who_start_at_once_on_an_empty_folder_share_one_server(folder):
    users = [User(folder / "data" / "pg") for _ in range(2)]
    assert len({user.url() for user in users}) == 1
    for user in users:
        user.leave()


def test_a_killed_user_leaves_a_server_that_the_next_one_uses_and_stops(cluster):
    killed = User(cluster)
    url = killed.url()
    killed.kill()
    assert runs(url)
    user = User(cluster)
    assert user.url() == url
    user.leave()
    assert not runs(url)


def test_a_killed_server_is_started_again_where_it_was_with_what_was_committed(cluster):
    user = User(cluster)
    old_url = user.url()
    execute(old_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server_process(cluster), signal.SIGKILL)
    user.kill()
    user = User(cluster)
    url = user.url()
    assert url == old_url
    assert execute(url, "SELECT answer FROM kept") == 42
    user.leave()


def test_a_pid_file_that_names_a_stranger_is_cleared_away(cluster):
    user = User(cluster)
    url = user.url()
    pid_file = cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    user.leave()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    user = User(cluster)
    assert runs(user.url())
    user.leave()
    assert not runs(url)


def test_a_half_made_cluster_is_begun_again(folder):
    (folder / "pg.new" / "base").mkdir(parents=True)
    user = User(folder / "pg")
    assert runs(user.url())
    user.leave()
    assert not (folder / "pg.new").exists()


def test_a_copied_folder_does_not_meet_the_server_of_the_first(cluster, folder):
    first = User(cluster)
    url = first.url()
    execute(url, "DROP TABLE IF EXISTS whose", "CREATE TABLE whose AS SELECT 1", "CHECKPOINT")
    subprocess.run(["cp", "-a", cluster, folder / "pg"], check=True)
    second = User(folder / "pg")
    assert second.url() != url
    execute(url, "DROP TABLE whose")
    second.leave()
    assert runs(url)
    first.leave()


def test_letters_are_letters_whatever_the_environment_says(folder):
    environment = {"LC_ALL": "C", "LANG": "xx_XX", "PGPORT": "5433", "PGDATABASE": "elsewhere"}
    user = User(folder / "pg", **environment)
    url = user.url()
    encoding = execute(url, "SHOW server_encoding")
    alike = execute(url, "CREATE EXTENSION pg_trgm", "SELECT similarity('Zoë', 'Zoé') < 1")
    upper = execute(url, "SELECT upper('zoë')")
    user.leave()
    assert (encoding, alike, upper) == ("UTF8", True, "ZOË")


def test_the_servers_log_repeats_nothing_that_was_written(cluster):
    user = User(cluster)
    with pytest.raises(psycopg.errors.CheckViolation, match="Ms Private"):
        execute(
            user.url(),
            "CREATE TABLE asked (name text CHECK (length(name) < 5))",
            "INSERT INTO asked VALUES ('Ms Private')",
        )
    user.leave()
    log = (cluster / "server.log").read_text()
    assert "violates check constraint" in log
    assert "Private" not in log


def test_a_cluster_from_before_the_site_had_a_role_of_its_own_is_given_one(cluster):
    first = User(cluster)
    url = first.url()
    execute(url, f"DROP ROLE {embedded_postgres.SITE}")
    second = User(cluster)
    assert execute(embedded_postgres.as_site(second.url()), "SELECT current_user") == "site"
    for user in (first, second):
        user.leave()


def test_no_port_is_opened(cluster):
    user = User(cluster)
    listens = execute(user.url(), "SHOW listen_addresses")
    user.leave()
    assert listens == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_root_below_a_folder_that_only_root_may_enter_is_told_where_the_database_lives(folder):
    folder.chmod(0o700)
    user = User(folder / "pg")
    url = user.url()
    home = Path(str(execute(url, "SHOW data_directory"))).parent
    try:
        assert home.parent == Path("/var/tmp")
        assert (home.owner(), home.stat().st_mode & 0o777) == ("nobody", 0o700)
        assert not (folder / "pg").exists()
        said = user.leave()
        assert said.count("\n") == 1
        assert str(home) in said
        again = User(folder / "pg")
        assert execute(again.url(), "SHOW data_directory") == str(home / "pg")
        assert again.leave() == ""
    finally:
        user.kill() if user.process.poll() is None else None
        shutil.rmtree(home)


def test_a_data_folder_that_cannot_be_used_is_one_sentence(folder):
    (folder / "a-file").write_text("")
    user = User(folder / "a-file" / "pg")
    said = user.process.communicate(timeout=60)[1].strip().splitlines()[-1]
    assert said == (
        "firm_site.embedded_postgres.CannotStart: "
        f"The data folder {folder / 'a-file'} cannot be used: File exists."
    )


def test_a_server_that_hangs_is_left_alone_until_it_answers(cluster):
    user = User(cluster)
    url = user.url()
    process = server_process(cluster)
    os.kill(process, signal.SIGSTOP)
    second = User(cluster)
    time.sleep(1)
    assert second.process.poll() is None
    os.kill(process, signal.SIGCONT)
    assert second.url() == url
    user.leave()
    second.leave()
