"""What the log says, an object of JSON to a line; in a terminal a readable one. Never what a person wrote.

Only our own sentences are written as they are, and they hold codes. Of what Django, gunicorn, the worker or
any other library writes, the sentence stays and what it fills in goes, since that may be an address, a
login name or a token. An exception keeps its type, its codes and where it came from, and loses its words,
which like to repeat what was typed.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from errno import errorcode
from http import HTTPStatus
from typing import Any

# Says what this thread is doing, the request it answers or the job it does, in words that may be written.
doing: ContextVar[Callable[[], dict[str, Any]]] = ContextVar("doing", default=dict)

OURS = ("firm_site", "pages", "callbacks")
FIGURES = (bool, int, float, type(None))

# A sentence that came with its blanks filled in is cut where they begin.
_FILLED_IN = re.compile(r"[\"'=({<\[].*", re.DOTALL)


class AsJson(logging.Formatter):
    """One object of JSON to a line, however many lines an exception has."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(said(record), ensure_ascii=False)


class ForPeople(logging.Formatter):
    """The same for whoever watches a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        told = said(record)
        time, exception = told.pop("time"), told.pop("exception", "")
        message = " ".join(told.pop("message").split())
        first = [time[11:19], told.pop("level"), told.pop("logger") + ":", message]
        rest = [f"{name}={value}" for name, value in told.items()]
        return " ".join(first + rest) + (f"\n{exception}" if exception else "")


def said(record: logging.LogRecord) -> dict[str, Any]:
    """What a record may say, by name; what it does not know is left out."""
    told = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record),
        **doing.get()(),
        **getattr(record, "told", {}),
    }
    if isinstance(job := getattr(record, "job", None), dict):  # procrastinate tells of one so
        told["job"] = job["task_name"]
    if record.exc_info and record.exc_info[1]:
        told["exception"] = without_words(record.exc_info[1])
    return told


def _message(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in OURS:
        return record.getMessage()
    if isinstance(status := getattr(record, "status_code", None), int):  # Django, of an answer
        return HTTPStatus(status).phrase
    if record.args and isinstance(record.msg, str):
        return _with_figures_alone(record.msg, record.args)
    return _FILLED_IN.sub("…", record.msg) if isinstance(record.msg, str) else type(record.msg).__name__


def _with_figures_alone(sentence: str, blanks: Any) -> str:
    """The sentence, filled in with what is a number, and with … for all else."""
    if isinstance(blanks, dict):
        return sentence % {name: _figure(value) for name, value in blanks.items()}
    return sentence % tuple(_figure(value) for value in blanks)


def _figure(value: Any) -> Any:
    return value if isinstance(value, FIGURES) else "…"


def without_words(error: BaseException) -> str:
    """Where an exception came from, and what it came of, as Python draws it, but for its words."""
    return "\nfrom which came\n".join(
        "".join(traceback.format_tb(each.__traceback__)) + " ".join([_type_of(each), *_codes(each)])
        for each in reversed(list(_chain(error)))
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _type_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _codes(error: BaseException) -> Iterator[str]:
    """The codes that the system, PostgreSQL and a mail server give: they name rules, never values."""
    if isinstance(error, OSError) and error.errno:
        yield errorcode.get(error.errno, str(error.errno))
    for found, name in (
        (error, "smtp_code"),
        (error, "sqlstate"),
        (getattr(error, "diag", None), "constraint_name"),
    ):
        if code := getattr(found, name, None):
            yield str(code)


# Settings for Django (LOGGING) and for gunicorn (deploy/gunicorn.conf.py), whose own lines come the same way.
CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "firm_site.logs.AsJson"},
        "line": {"()": "firm_site.logs.ForPeople"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if sys.stderr.isatty() else "json",
        },
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "firm_site.access": {"level": "INFO"},  # every request
        "firm_site.jobs": {"level": "INFO"},  # every job
        "django.request": {"level": "ERROR"},  # what was refused stands there already
        "gunicorn.http.wsgi": {"level": "ERROR"},  # it warns of the body of each HEAD, which it leaves out
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}
