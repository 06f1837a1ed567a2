"""A backup put into an empty database, which proves itself; and what was erased since is erased again."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from callbacks import erased_list
from callbacks.actions import keeping
from firm_site import restore
from firm_site.proof import Table, Unusable
from firm_site.terminal import Line


class Command(BaseCommand):
    help = "Restore the backup in FILE into an empty database, and prove that all of it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote, with its proof beside it")
        parser.add_argument("--identity", type=Path, help="the file with the secret key of a sealed backup")
        parser.add_argument(
            "--erased", type=Path, action="append", default=[], help="a further list of what was erased"
        )

    def handle(self, *, file: Path, identity: Path | None, erased: list[Path], **options: Any) -> None:
        file = file.expanduser().absolute()
        try:
            entries = self.read_lists(file, erased)
            with Line(sys.stderr) as line:
                compared = restore.restore(file, identity, progress=line.show)
        except (Unusable, erased_list.Unreadable) as problem:
            raise CommandError(str(problem)) from None
        except OperationalError as problem:
            raise CommandError(str(problem).strip().splitlines()[0]) from None
        self.show(compared)
        if different := [each.name for each in compared if not each.is_same]:
            raise CommandError(
                f"What was restored is not what was backed up: {', '.join(different)}. Do not use it."
            )
        call_command("migrate", verbosity=0)
        Session.objects.all().delete()  # who has logged out since stays out
        again = keeping.erase_again(erased_list.come_back(entries), now=timezone.now())
        self.stdout.write(f"All of it is there. Erased again: {again} of {len(entries)} on the list.")
        if not entries:
            self.stderr.write(f"No list says who was erased since: was there no {erased_list.NAME}?")

    def read_lists(self, file: Path, further: list[Path]) -> list[erased_list.Entry]:
        """What was erased: by the list beside the backup, by the data folder's own, and by further ones."""
        beside = [file.with_name(erased_list.NAME), settings.DATA_DIR / erased_list.NAME]
        lists = [*further, *(each for each in beside if each.exists())]
        try:
            return [entry for each in lists for entry in erased_list.read(each)]
        except OSError as problem:
            raise CommandError(f"{problem.filename} cannot be read: {problem.strerror}.") from None

    def show(self, compared: list[restore.Compared]) -> None:
        width = max(len(each.name) for each in compared)
        self.stdout.write(f"{'table':{width}}  {'rows were':>10}  {'rows are':>10}  checksum")
        for each in compared:
            said = "same" if each.is_same else "DIFFERENT"
            counts = f"{_rows(each.was):>10}  {_rows(each.found):>10}"
            self.stdout.write(f"{each.name:{width}}  {counts}  {said}")


def _rows(table: Table | None) -> str:
    return str(table.rows) if table else "–"
