"""Trials with real processes and real races: one worker runs them all, one after the other."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.running import Site, until

# Whoever starts the tests in the background has them, and every process of theirs, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def data() -> Iterator[Path]:
    """One data folder for all, since the first start in an empty one is the long one."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("processes are found through Linux's /proc")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "a folder"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def programs_of_nginx() -> None:
    """nginx, and what makes its certificate; without them the test is left out, and says so."""
    for program in ("nginx", "openssl"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not on this machine (Debian, Ubuntu: apt install nginx-light openssl)")


@pytest.fixture
def site(data: Path) -> Iterator[Site]:
    yield from served(Site(data))


@pytest.fixture
def site_without_worker(data: Path) -> Iterator[Site]:
    yield from served(Site(data, "--no-worker"))


def served(running: Site) -> Iterator[Site]:
    """The site once it serves; ended afterwards."""
    try:
        until(running.serves)
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)
        until(lambda: not running.processes())
