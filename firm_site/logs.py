"""What the log may say: never the token in a visitor's address, which opens their page."""

import logging
import re

_TOKEN = re.compile(r"/(callback|preview)/[^/\s]+")


class WithoutTokens(logging.Filter):
    """Writes `/callback/…/` for whatever stood there."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _TOKEN.sub(r"/\1/…", record.getMessage()), None
        return True
