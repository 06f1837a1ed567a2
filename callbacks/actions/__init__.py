"""The one door: every change to a request goes through a verb here, which writes an event.

`asking` holds what visitors do, `desk` what staff do, `keeping` what time does.
"""


class Refused(Exception):
    """What was asked is not possible (any more). Its text is a sentence for the person who asked."""
