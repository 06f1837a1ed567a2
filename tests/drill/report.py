"""What `make drill` prints: what was done, what was found, what was left out. And where it does so."""

import atexit
import shutil
import tempfile
from pathlib import Path


class LeftOut(Exception):
    """Why a trial cannot be made on this machine, in a sentence."""


class Report:
    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.missing: list[str] = []

    def heading(self, words: str) -> None:
        print(f"\n{words}", flush=True)

    def line(self, words: str) -> None:
        print(f"        {words}", flush=True)

    def found(self, sentence: str, holds: bool, more: object = "") -> None:
        """A sentence that should hold, and whether it does."""
        if not holds:
            self.wrong.append(sentence)
        print(f"  {'yes' if holds else 'NO ':5} {sentence}{f' ({more})' if more != '' else ''}", flush=True)

    def left_out(self, reason: str) -> None:
        self.missing.append(reason)
        print(f"  left out: {reason}", flush=True)

    def end(self) -> int:
        """The exit code, once the last lines are printed."""
        print(f"\nLeft out: {' '.join(self.missing) or 'nothing.'}")
        print("Not as it should be: " + ("; ".join(self.wrong) or "nothing") + ".")
        return 1 if self.wrong else 0


def folder_of_its_own() -> Path:
    """A new folder that everybody may enter, since as root PostgreSQL runs as `nobody`; gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir="/tmp"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # once the servers in it have been stopped
    return folder
