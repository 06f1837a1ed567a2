"""The one door: every change to a request goes through a verb here, which writes an event.

`asking` and `visiting` hold what visitors do, `desk` and `sorting` what staff do, `keeping` what time
does. Behind them: `moving` is how a request moves, `booking` finds a time and a place, `person` finds
what else the same person asked, `owing` notes what we owe people.
"""

from datetime import datetime


class Refused(Exception):
    """What was asked is not possible (any more). Its text is a sentence for the person who asked."""


class TimeRefused(Refused):
    """The time that was chosen cannot be had. The text says why."""


class TimeGone(TimeRefused):
    """The time was on offer once and is gone: nobody's mistake. `wanted_at` is what was chosen."""

    def __init__(self, wanted_at: datetime) -> None:
        super().__init__("That time has just gone.")
        self.wanted_at = wanted_at
