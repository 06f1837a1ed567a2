"""What a page costs gunicorn alone: a WSGI function that answers with the bytes and headers kept in BARE."""

import json
import os
from pathlib import Path

_folder = Path(os.environ["BARE"])
HEADERS = [tuple(each) for each in json.loads((_folder / "headers.json").read_text())]
BODY = (_folder / "body").read_bytes()


def application(environ, start_response) -> list[bytes]:
    start_response("200 OK", HEADERS)
    return [BODY]


application.warm = lambda: None  # which deploy/gunicorn.conf.py asks of the site
