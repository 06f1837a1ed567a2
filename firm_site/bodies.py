"""Bodies of requests that are not what their head says: too long to take, broken off, or of no charset."""

import contextlib
import re
from collections.abc import Callable
from typing import Any

READ_OUT = 100_000_000  # bytes; of more, whoever sends them is cut off

# Django reads the charset before any page of ours could answer, and fails where Python knows it for no text.
_CHARSET = re.compile(r"charset\s*=", re.IGNORECASE)
_UTF8 = re.compile(r"charset\s*=\s*\"?utf-?8\b", re.IGNORECASE)
REFUSED = "text/plain; charset=iso-8859-1"  # by firm_site.refusing, with a page

type Application = Callable[..., Any]


def as_its_head_says(application: Application) -> Application:
    """WSGI: what reads a body that ended before its `Content-Length` gets an OSError, else half of a form
    would be taken for all of it when the line of a telephone drops. What nobody reads is read before the
    answer goes: a browser hears none while it sends, and nginx loses one that comes too early. A charset
    other than UTF-8 is handed on as one that is refused."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        length = environ.get("CONTENT_LENGTH", "")
        body = _Whole(environ["wsgi.input"], int(length) if length.isdecimal() else 0)
        if body.left:
            environ["wsgi.input"] = body
        kind = environ.get("CONTENT_TYPE", "")
        if _CHARSET.search(kind) and not _UTF8.search(kind):
            environ["CONTENT_TYPE"] = REFUSED
        response = application(environ, start_response)
        body.read_out()
        return response

    return answer


class _Whole:
    """`wsgi.input`, as Django reads it."""

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.left = stream, length

    def read(self, size: int) -> bytes:
        data: bytes = self.stream.read(size)
        self.left -= len(data)
        if self.left > 0 and len(data) < size:
            raise OSError("The body ended before it was whole.")
        return data

    def readline(self, size: int) -> bytes:
        line: bytes = self.stream.readline(size)
        self.left -= len(line)
        return line

    def read_out(self) -> None:
        """Read and drop what is left, unless it is too much."""
        if self.left <= READ_OUT:
            with contextlib.suppress(OSError):
                while self.left > 0:
                    self.read(min(self.left, 65536))
