"""Which requests were erased, kept in a file that outlives the database: what an older backup brings back
is erased again. A line is a number and two moments, when that request was asked and when it was erased:
nothing personal.

What is erased after the last `append` and before the database is lost is not in it.
"""

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callbacks.actions import keeping
from callbacks.models import CallbackRequest

NAME = "erased-ids"
LOOK_BACK = timedelta(days=1)  # an erasure may have been committed after a later one was written down
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

type Entry = tuple[int, datetime, datetime]  # the request's number, when it was asked, when it was erased


class Unreadable(Exception):
    """A line of the list says nothing: which, in a sentence."""


def append(file: Path) -> int:
    """Write down what the database says was erased and the file does not; return how many. The file is made
    where there is none; what is written is on the disk. Raises OSError and Unreadable."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)  # the worker and a backup may write at once
        written = kept.read()
        whole = written[: written.rfind("\n") + 1]
        known = set(_entries(file, whole))
        last = max((erased_at for *_, erased_at in known), default=LONG_AGO + LOOK_BACK)
        new = [each for each in keeping.erased_since(last - LOOK_BACK) if each not in known]
        kept.truncate(len(whole.encode()))  # what a power cut left half written is written anew
        kept.seek(0, os.SEEK_END)
        kept.writelines(
            f"{pk} {_written(asked_at)} {_written(erased_at)}\n" for pk, asked_at, erased_at in new
        )
        kept.flush()
        os.fsync(kept.fileno())
    return len(new)


def read(file: Path) -> list[Entry]:
    """What is written down. Raises OSError and Unreadable."""
    written = file.read_text()
    return list(_entries(file, written[: written.rfind("\n") + 1]))


def come_back(entries: list[Entry]) -> list[int]:
    """The requests of these that the database has. A number alone tells nothing: after an older backup was
    restored a new request may have it, and a list may be of another database. To the microsecond
    nobody else asked at that moment."""
    erased = {(pk, asked_at) for pk, asked_at, _ in entries}
    found = CallbackRequest.objects.filter(pk__in={pk for pk, _ in erased}).values_list("pk", "created_at")
    return [pk for pk, created_at in found if (pk, created_at) in erased]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _entries(file: Path, written: str) -> Iterator[Entry]:
    for number, line in enumerate(written.splitlines(), 1):
        try:
            pk, asked_at, erased_at = line.split(" ")
            yield int(pk), _moment(asked_at), _moment(erased_at)
        except ValueError:
            raise Unreadable(f"{file}, line {number}, is no number of a request with its moments.") from None


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
