"""Serves the site: `make run`, once set up."""

import contextlib
import hashlib
import http.client
import io
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from firm_site import embedded_postgres
from firm_site.management.commands.migrate import LocksHeld

ALL_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TO_START = 30  # seconds until the web server must answer
TO_STOP = 10  # seconds for the children, gunicorn's graceful_timeout among them, before they are killed
OF_THE_OWNER = {"OWNER_DATABASE_URL", "OWNER_DATABASE_URL_FILE"}
PAUSE = 3  # seconds before a dead worker or an absent database is tried again


class Command(BaseCommand):
    help = "Serve the site: migrations, first content, static files, worker and web server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
        parser.add_argument("--data-dir", help="the folder of database and mail (DATA, else var)")
        parser.add_argument("--workers", type=int, default=2, help="web processes (2)")
        parser.add_argument("--no-worker", action="store_true", help="web server only, no background work")

    def handle(self, *, port: int, workers: int, no_worker: bool, **options: Any) -> None:
        if not is_free(port):
            sys.exit(f"Port {port} is in use. Choose another: make run PORT={port + 1}")
        os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # into a pipe, too
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.trouble = ""
        for ending in ALL_ENDINGS:
            signal.signal(ending, signal.default_int_handler)
        try:
            collect_static_files()
            ready = self.prepare_database()
            self.web = start("-m", "gunicorn", *web_arguments(port, workers), "firm_site.wsgi")
            self.wait_for_answer(port)
            self.greet(port)
            self.keep_going(ready=ready, with_worker=not no_worker)
        except KeyboardInterrupt:
            pass
        finally:
            for ending in ALL_ENDINGS:  # patience: stopping takes a moment, and is not to be interrupted
                signal.signal(ending, signal.SIG_IGN)
            stop([child for child in (self.web, self.worker) if child])

    def prepare_database(self) -> bool:
        """Migrate, and load the first content into an empty database; False while none answers."""
        try:
            call_command("migrate", database=settings.OWNER_DATABASE, verbosity=0, wait=0)
            call_command("load_first_content", stdout=io.StringIO())
        except (OperationalError, LocksHeld) as problem:  # tried again while the site serves
            trouble = str(problem).strip().splitlines()[0]
            if trouble != self.trouble:
                self.stdout.write(f"The database does not answer; serving without it. ({trouble})")
            self.trouble = trouble
            return False
        finally:
            connections.close_all()
        if self.trouble:
            self.stdout.write("The database answers now.")
            self.trouble = ""
        return True

    def wait_for_answer(self, port: int) -> None:
        """Return once the web server answers; end with its code if it died, or with a sentence."""
        assert self.web  # noqa: S101
        deadline = time.monotonic() + TO_START
        while not answers(port):
            self.end_with_web()
            if time.monotonic() > deadline:
                raise CommandError(f"The web server did not answer within {TO_START} seconds.")
            time.sleep(0.05)

    def greet(self, port: int) -> None:
        surroundings = ""
        if Path(os.environ["DATA"]) != settings.BASE_DIR / "var":
            surroundings += f"DATA={shlex.quote(os.environ['DATA'])} "
        if not str(settings.DATABASES["default"]["HOST"]).startswith(embedded_postgres.SOCKETS):
            surroundings += "DATABASE_URL=… "
        login = f"{surroundings}.venv/bin/python manage.py add_staff NAME --group desk"
        self.stdout.write(
            f"\n  The site      http://localhost:{port}\n"
            f"  Staff pages   http://localhost:{port}/admin/\n"
            f"  Staff login   {login}\n"
            "  To stop       Ctrl-C\n"
        )

    def keep_going(self, *, ready: bool, with_worker: bool) -> None:
        """Watch over database and children until the web server ends or somebody ends us."""
        next_try = 0.0
        while True:
            self.end_with_web()
            if time.monotonic() >= next_try:
                if not self.database_runs():
                    next_try = time.monotonic() + PAUSE
                elif not ready:
                    ready = self.prepare_database()
                    next_try = time.monotonic() + PAUSE
                elif with_worker and (self.worker is None or self.worker.poll() is not None):
                    if self.worker:
                        self.stdout.write(
                            f"The worker ended (code {self.worker.returncode}); starting it again."
                        )
                    self.worker = start("manage.py", "procrastinate", "worker")
                    next_try = time.monotonic() + PAUSE
            time.sleep(0.2)

    def database_runs(self) -> bool:
        """Start the embedded database again if it has ended; False while it cannot be. (What is not ours is
        watched over by somebody else.)"""
        try:
            if embedded_postgres.start_again():
                self.stdout.write("The database had ended; it runs again.")
                self.trouble = ""
        except (embedded_postgres.CannotStart, OSError) as problem:
            if str(problem) != self.trouble:
                self.stdout.write(str(problem))
            self.trouble = str(problem)
            return False
        return True

    def end_with_web(self) -> None:
        """End with the web server's code if it has ended."""
        assert self.web  # noqa: S101
        if (code := self.web.poll()) is not None:
            sys.exit(code if code >= 0 else 128 - code)


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of the machine itself."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether the web server says that it is alive."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/livez")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


def web_arguments(port: int, workers: int) -> list[str]:
    """gunicorn's arguments: only this machine is listened to; in production nginx stands in front."""
    config = str(settings.BASE_DIR / "deploy/gunicorn.conf.py")
    return ["--config", config, "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]


def start(*arguments: str) -> "subprocess.Popen[bytes]":
    """Start a Python program of the checkout, in a group of its own: Ctrl-C reaches only us. It is not
    told of the role that owns the tables."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in OF_THE_OWNER},
        start_new_session=True,
        preexec_fn=end_with_parent,
    )


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent is killed, so that the port is free for the next."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def stop(children: list["subprocess.Popen[bytes]"]) -> None:
    """End the children and all that they started: kindly, then firmly."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + TO_STOP
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def collect_static_files() -> None:
    """Collect, name by content and compress the static files, unless those of last time are the same."""
    files = sorted(
        (path, file.stat().st_mtime_ns, file.stat().st_size)
        for finder in get_finders()
        for path, storage in finder.list([])
        for file in [Path(storage.path(path))]
    )
    digest = hashlib.sha256(repr(files).encode()).hexdigest()
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text() != digest:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(digest)
