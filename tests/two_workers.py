"""Two workers share the tests: those that need the browser are one's, since a browser fills a core, and the
trials with processes the other's; all else goes, a module at a time, to whoever has time.

xdist's own groups do it by names that pytest gives no more (pytest 9.2, xdist 3.8)."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/faults/", "tests/test_embedded_postgres.py")


class ByFolder(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        """Whatever has the same answer runs on one worker, one after the other."""
        module = nodeid.partition("::")[0]
        return next((start for start in TOGETHER if nodeid.startswith(start)), module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    config.option.loadscopereorder = False  # the long folders come first by their names
    return ByFolder(config, log)
