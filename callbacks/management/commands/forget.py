"""`manage.py forget`: the rules of retention, applied now. The worker does the same each night."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from callbacks.actions import complaining, keeping
from callbacks.retention import CLASSES, how_many_to_forget, name_of, periods, to_forget
from firm_site.forgetting import forget_sessions

AT_A_TIME = 1000  # references, read at once


class Command(BaseCommand):
    help = (
        "Delete what people told us, of requests and complaints whose time to be kept is over "
        "(--dry-run: only list them)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be forgotten, and do nothing"
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        row = periods()
        for name in CLASSES:
            found = to_forget(name, now)
            days = getattr(row, name)
            self.stdout.write(f"{name_of(name)}, after {days} days: {_requests(found.count())}")
            if dry_run:
                in_order = found.order_by("closed_at", "pk").values_list("reference", "closed_at")
                for reference, closed_at in in_order.iterator(AT_A_TIME):
                    self.stdout.write(f"  {reference}, closed {timezone.localdate(closed_at):%-d %B %Y}")
        over, days = complaining.to_forget(now).count(), complaining.KEPT.days
        self.stdout.write(f"Complaints about data protection, after {days} days: {over:,}")
        if dry_run:
            self.stdout.write("Nothing was deleted (--dry-run).")
            return
        many, done = how_many_to_forget(now), 0
        for batch in keeping.forget(now=now):
            done += batch
            self._progress(done, many)
        complaints = complaining.forget(now=now)
        said = f"{_requests(done)}, {complaints:,} complaint{'' if complaints == 1 else 's'}"
        self.stdout.write(f"Forgotten: {said}. Sessions that were over: {forget_sessions()}.")

    def _progress(self, done: int, many: int) -> None:
        """On a terminal one line that counts; elsewhere a line for each batch."""
        is_line = sys.stderr.isatty()
        start, end = ("\r", "" if done < many else "\n") if is_line else ("", "\n")
        self.stderr.write(f"{start}{done:,} of {many:,}", ending=end)


def _requests(many: int) -> str:
    return f"{many:,} request{'' if many == 1 else 's'}"
