"""A line that tells somebody at a terminal how far a command is, and tells nobody else."""

import time
from types import TracebackType
from typing import Self, TextIO

BETWEEN = 0.2  # seconds
WIDTH = 79


class Line:
    """Written over and over; gone at the end."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.is_read = stream, stream.isatty()
        self.next = 0.0

    def show(self, words: str) -> None:
        if self.is_read and time.monotonic() >= self.next:
            self.stream.write(f"\r{words[:WIDTH]:{WIDTH}}")
            self.stream.flush()
            self.next = time.monotonic() + BETWEEN

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_read:
            self.stream.write(f"\r{'':{WIDTH}}\r")
