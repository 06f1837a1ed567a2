"""`manage.py up` as a whole: it serves, and whatever ends it leaves nothing that the next start minds."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from tests.faults.running import ROOT, Site, until


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_serves_the_first_content_and_ends_cleanly(site, by):
    assert site.status("/") == 200
    assert site.status("/guides/botched-thread-lift/") == 200
    assert site.status("/readyz") == 200
    assert f"http://localhost:{site.port}" in site.said
    assert f"DATA='{site.data}' .venv/bin/python manage.py add_staff NAME --group desk" in site.said
    until(lambda: site.process_of("procrastinate worker"))
    assert site.end(by) == 0
    assert site.processes() == {}
    assert site.status("/livez") is None
    assert not (site.data / "pg" / "postmaster.pid").exists()
    assert "Traceback" not in site.said
    assert '"exception"' not in site.said
    told = [line for line in site.said.splitlines() if not line.startswith("{")]  # beside the log
    assert len(told) <= 8


def test_a_port_in_use_is_one_clear_line(site):
    ended = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", str(site.port), "--data-dir", site.data],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == f"Port {site.port} is in use. Choose another: make run PORT={site.port + 1}\n"
    assert site.status("/") == 200


def test_when_up_is_killed_its_children_end_and_the_next_start_serves(site):
    assert site.end(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: all("postgres" in arguments for arguments in site.processes().values()))
    again = Site(site.data)
    until(again.serves)
    assert again.status("/") == 200
    assert again.end(signal.SIGINT) == 0
    assert site.processes() == {}


def test_a_dead_worker_is_started_again_while_the_site_serves(site):
    until(lambda: site.process_of("procrastinate worker"))
    first = site.process_of("procrastinate worker")
    os.kill(first, signal.SIGKILL)
    until(lambda: site.process_of("procrastinate worker") not in {None, first})
    assert site.status("/") == 200
    assert "The worker ended (code -9); starting it again.\n" in site.said


def test_a_dead_web_server_ends_up_with_its_code(site):
    os.kill(site.process_of("gunicorn"), signal.SIGKILL)
    assert site.ended() == 128 + signal.SIGKILL
    until(lambda: not site.processes())


def test_without_its_database_the_site_serves_and_finds_it_when_it_comes(site, data):
    environment = Path(f"/proc/{site.process_of('gunicorn')}/environ").read_text()
    sockets = Path(unquote(re.search(r"DATABASE_URL=\S+@(\S+?):", environment)[1]))
    away = data.with_name("sockets")
    url = f"postgresql://postgres@{quote(str(away), safe='')}:5432/firm"
    shutil.copytree(data / "static", data.with_name("without") / "static")  # else collected again
    without = Site(data.with_name("without"), DATABASE_URL=url)
    try:
        until(without.serves)
        assert without.status("/livez") == 200
        assert without.status("/readyz") == 503
        assert without.said.count("The database does not answer; serving without it.") == 1
        away.symlink_to(sockets)
        until(lambda: "The database answers now." in without.said)
        until(lambda: without.status("/readyz") == 200)
        assert "Traceback" not in without.said
    finally:
        assert without.end(signal.SIGTERM) == 0
    assert without.processes() == {}
    assert site.status("/") == 200
