"""What the log may say: never a visitor's token, what was searched for, nor what a person wrote."""

import logging
import re

_TOKEN = re.compile(r"/(callback|preview)/[^/\s]+")
_QUESTION = re.compile(r"(?<=[/\w])\?[^\s\"]+")

# PostgreSQL repeats the whole row that broke a constraint, up to whatever Python says next.
_ROW = re.compile(r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)


class WithoutWhatPeopleWrote(logging.Filter):
    """Writes `/callback/…/` and `/search/?…` for an address, and leaves the row out of a database's
    complaint."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _clean(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _clean(record.exc_text)
        return True


def _clean(text: str) -> str:
    return _ROW.sub("DETAIL: …", _QUESTION.sub("?…", _TOKEN.sub(r"/\1/…", text)))
