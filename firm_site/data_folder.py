"""What the environment leaves out, the data folder provides: a database and a secret key.

Only commands come this way. In production web processes read everything from the environment.
"""

import os
import secrets
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from firm_site import embedded_postgres


class CannotProvide(Exception):
    """Why the data folder cannot be used, in a sentence for the person at the terminal."""


def provide(arguments: Sequence[str]) -> None:
    """Set DATA, and SECRET_KEY and the database's addresses where they are unset, before Django reads its
    settings: the site's own role in DATABASE_URL, the one that migrates in OWNER_DATABASE_URL.

    `arguments` are the command's; its `--data-dir` wins over DATA, and without either the folder is
    `var` in the checkout. The embedded database is started if need be. Raises CannotProvide.
    """
    parser = ArgumentParser(add_help=False)
    parser.add_argument("--data-dir")
    named = parser.parse_known_args(arguments)[0].data_dir or os.environ.get("DATA")
    checkout = Path(__file__).resolve().parent.parent
    folder = Path(named).expanduser().absolute() if named else checkout / "var"
    os.environ["DATA"] = str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_set("SECRET_KEY"):
            os.environ["SECRET_KEY"] = _kept_secret_key(folder / "secret_key")
        if not _is_set("DATABASE_URL"):
            _provide_database(folder / "pg")
    except OSError as problem:
        raise CannotProvide(f"The data folder {folder} cannot be used: {problem}.") from problem
    except embedded_postgres.CannotStart as problem:
        raise CannotProvide(str(problem)) from problem


def _is_set(name: str) -> bool:
    """Whether the environment names it, or the file that it is in (firm_site.settings reads either)."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _provide_database(cluster: Path) -> None:
    if _is_set("OWNER_DATABASE_URL"):
        raise CannotProvide("OWNER_DATABASE_URL is set without DATABASE_URL: set both, or neither.")
    owner = embedded_postgres.url(cluster)
    os.environ["OWNER_DATABASE_URL"] = owner
    os.environ["DATABASE_URL"] = embedded_postgres.as_site(owner)


def _kept_secret_key(file: Path) -> str:
    """The key in this file, made on first use; two who make one at once end up with the same."""
    if not file.exists():
        descriptor, name = tempfile.mkstemp(dir=file.parent)  # only its owner can read it
        with os.fdopen(descriptor, "w") as fresh:
            fresh.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(name, file)
        Path(name).unlink()
    return file.read_text()
