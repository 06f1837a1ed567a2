"""What a web server serves in a trial of how it stops: an answer that takes its time."""

import time
from collections.abc import Callable, Iterable
from typing import Any


class Application:
    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(float(environ["QUERY_STRING"] or 0))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def warm(self) -> None:
        """Nothing to make beforehand."""


application = Application()
