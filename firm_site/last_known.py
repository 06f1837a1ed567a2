"""What every page needs from the database, kept by each process for when the database is away."""

from collections.abc import Callable

from django.db import Error

_misses = 0


def count_miss() -> None:
    """Note that a page is made without something that the database would not give."""
    global _misses
    _misses += 1


def misses() -> int:
    """How often this process made do without the database: a page during which this number grew is not what
    it should be."""
    return _misses


class LastKnown[T]:
    """A value read from the database at each use; the last one read serves while it cannot be.

    `first` is what serves before the first read.
    """

    def __init__(self, read: Callable[[], T], *, first: T) -> None:
        self._read = read
        self._first = first
        self.kept = first

    def now(self) -> T:
        """Read and keep the value; with the database away, return the last one kept."""
        try:
            self.kept = self._read()
        except Error:
            count_miss()
        return self.kept

    def forget(self) -> None:
        """Go back to what served before the first read."""
        self.kept = self._first
