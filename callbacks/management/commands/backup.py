"""A whole backup, with its proof and the list of what was erased beside it."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from callbacks import erased_list
from firm_site import backup
from firm_site.proof import Unusable, proof_of
from firm_site.terminal import Line


class Command(BaseCommand):
    help = "Write a backup of everything to FILE (sealed when BACKUP_KEY is set)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="what to write; it must not exist")
        parser.add_argument(
            "--new-key", type=Path, metavar="FILE", help="only make a pair of keys, the secret one in FILE"
        )

    def handle(self, *, file: Path | None, new_key: Path | None, **options: Any) -> None:
        try:
            if new_key:
                self.stdout.write(f"BACKUP_KEY={backup.new_key(new_key)}")
                self.stderr.write(f"Keep {new_key} where the backups are not: without it none can be opened.")
            elif file:
                self.write(file.expanduser().absolute())
            else:
                raise CommandError("Say where to: manage.py backup FILE")
        except (Unusable, erased_list.Unreadable) as problem:
            raise CommandError(str(problem)) from None
        except (OperationalError, ProgrammingError) as problem:  # such as what the role may not read
            raise CommandError(str(problem).strip().splitlines()[0]) from None

    def write(self, file: Path) -> None:
        with Line(sys.stderr) as line:
            proof = backup.write(file, now=timezone.now(), progress=line.show)
        listed = file.with_name(erased_list.NAME)
        try:
            erased_list.append(listed)
        except OSError as problem:
            raise CommandError(f"{file} is written, but {listed} is not: {problem.strerror}.") from None
        except ProgrammingError:  # before new code migrates
            self.stderr.write(f"The database is not migrated yet: {listed.name} is as it was.")
        rows = sum(table.rows for table in proof.tables.values())
        self.stdout.write(
            f"{file}: {proof.size / 1_000_000:.1f} MB, {rows} rows of {len(proof.tables)} tables, "
            f"{'sealed' if proof.is_sealed else 'not sealed: BACKUP_KEY is not set'}.\n"
            f"Keep {proof_of(file).name} and {listed.name} with it."
        )
