"""What is scheduled goes live by itself: a real site without a worker, and a publication a moment ahead."""

import os
import subprocess
import sys
import time

from tests.faults.running import ROOT

WITHIN = 10  # seconds of its time

SLUG = f"scheduled-{os.getpid()}"  # the folder of data is the other trials' as well

SCHEDULE = f"""
from datetime import timedelta
from django.utils import timezone
from pages.actions.publishing import publish
from pages.models import Page
page = Page.objects.create(kind="guide", slug="{SLUG}", title="A", summary="A.", body="<p>A.</p>")
now = timezone.now()
print(publish(page=page, by=None, now=now, live_from=now + timedelta(seconds=4)).live_from.timestamp())
"""


def test_a_scheduled_version_goes_live_within_ten_seconds_with_no_worker(site_without_worker):
    site, address = site_without_worker, f"/guides/{SLUG}/"
    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", SCHEDULE],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    at = float(ended.stdout.strip().splitlines()[-1])
    asked_before = 0
    while time.time() < at - 0.5:
        assert site.status(address) == 404
        asked_before += 1
        time.sleep(0.3)
    while site.status(address) != 200:
        assert time.time() < at + WITHIN, "it did not go live in time"
        time.sleep(0.2)
    assert asked_before > 0
    assert site.process_of("procrastinate worker") is None
