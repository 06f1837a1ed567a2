"""A running `manage.py up`, as tests start it, ask it and end it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120  # seconds; the machine may be busy, and a first start compresses every static file


class Site:
    """A running `manage.py up`, and what it says."""

    def __init__(self, data: Path, *options: str, port: int = 0, **environment: str):
        self.port = port or free_port()
        self.data = data
        unset = {"DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEY", "SITE_URL", "DJANGO_SETTINGS_MODULE"}
        known = {name: value for name, value in os.environ.items() if name not in unset}
        self.environment = known | {"DATA": str(data)} | environment
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(self.port), "--data-dir", str(data), *options],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self) -> None:
        for line in self.process.stdout:
            self.said += line
        self.process.stdout.close()

    def status(self, path: str) -> int | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
                return response.status
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code
        except OSError:
            return None

    def serves(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Ctrl-C" in self.said

    def end(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(PATIENCE)
        self.listener.join(PATIENCE)
        return code

    def processes(self) -> dict[int, str]:
        return processes_of(self.data)

    def process_of(self, program: str) -> int | None:
        return min((pid for pid, arguments in self.processes().items() if program in arguments), default=None)


def processes_of(data: Path) -> dict[int, str]:
    """Every process that has the data folder in its arguments or environment, by number."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            if os.fsencode(data) in arguments + (process / "environ").read_bytes():
                found[int(process.name)] = arguments.replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def parent_of(pid: int) -> int:
    """The number of the process that began this one; 0 once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
