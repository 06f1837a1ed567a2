"""What every page needs from the database, kept by each process for when the database is away."""

from collections.abc import Callable
from contextlib import suppress

from django.db import Error


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
        with suppress(Error):
            self.kept = self._read()
        return self.kept

    def forget(self) -> None:
        """Go back to what served before the first read."""
        self.kept = self._first
