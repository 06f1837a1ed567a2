"""Keeps a migrated database in our own test cluster, of which each run's database is a copy: to migrate takes
each worker seconds, to copy almost nothing.

A copy is migrated like any other database, which finds nothing left to do but to write the roles; the kept
one is made anew when a migration or a package changes.
"""

import os
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import connections
from psycopg.errors import ObjectInUse
from psycopg.sql import SQL, Identifier

from firm_site import embedded_postgres

ROOT = Path(__file__).resolve().parent.parent
ONE_AFTER_THE_OTHER = 4_711  # the workers, of whom the first makes it


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have pytest-django copy the kept database, where the cluster is ours to keep one in."""
    database = connections["default"].settings_dict
    if database["HOST"].startswith(embedded_postgres.SOCKETS):
        database["TEST"]["TEMPLATE"] = kept(os.environ["DATABASE_URL"])


def kept(url: str) -> str:
    """The name of the migrated database, made if it is not there; those of other days are dropped."""
    name = f"migrated_{_digest()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AFTER_THE_OTHER])
        found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'migrated_')")
        kept = {row[0] for row in found}
        for old in kept - {name}:
            with suppress(ObjectInUse):  # another run is just copying it
                connection.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
        if name not in kept:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(f"{name}_unfinished")))
            _migrate(f"{url.rpartition('/')[0]}/{name}_unfinished")
            rename = SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(Identifier(f"{name}_unfinished"), Identifier(name)))
    return name


def _migrate(url: str) -> None:
    environment = os.environ | {"DATABASE_URL": url, "OWNER_DATABASE_URL": ""}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _digest() -> str:
    """Of all that decides what a migrated database is like."""
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()]
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    digest = sha256()
    for file in [*files, ROOT / "requirements-dev.txt"]:
        digest.update(f"{file.name} {file.stat().st_size} ".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
