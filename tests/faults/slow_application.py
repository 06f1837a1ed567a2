"""What a web server serves in a trial of how it starts and stops: it loads when it may, and is slow."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

LOADS, MAY_LOAD = Path(os.environ["LOADS"]), Path(os.environ["MAY_LOAD"])

LOADS.touch()
while not MAY_LOAD.exists():
    time.sleep(0.05)


class Application:
    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(float(environ["QUERY_STRING"] or 0))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def warm(self) -> None:
        """Nothing to make beforehand."""


application = Application()
