"""`manage.py restore_drill`: what the worker does each night, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from firm_site import restore_drill


class Command(BaseCommand):
    help = "Make a backup, restore it beside the site, compare, delete both; store how it went."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--left-free",
            type=int,
            default=restore_drill.LEFT_FREE // 1_000_000,
            metavar="MB",
            help="room that must stay free on the disk meanwhile (%(default)s MB)",
        )

    def handle(self, *, left_free: int, **options: Any) -> None:
        try:
            result = restore_drill.drill(now=timezone.now(), left_free=left_free * 1_000_000)
        except restore_drill.Busy as problem:
            raise CommandError(str(problem)) from None
        except OperationalError as problem:
            raise CommandError(str(problem).strip().splitlines()[0]) from None
        if result.trouble:
            raise CommandError(f"A backup could not be restored: {result.trouble}")
        size = f"{result.size / 1_000_000:.1f} MB"
        self.stdout.write(
            f"A backup of {size} was restored and is whole: {result.tables} tables, {result.rows:,} rows, "
            f"in {result.seconds} seconds."
        )
