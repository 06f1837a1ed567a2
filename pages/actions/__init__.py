"""What partners do to pages. Only these verbs write a version, a publication or a draft.

`writing` is the working copy and what is typed into it, `publishing` what visitors read.
"""


class Refused(Exception):
    """What was asked is not possible (any more). Its text is a sentence for the person who asked."""


class AddressTaken(Refused):
    """The address belongs, or once belonged, to another page, and goes on leading there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} leads to another page: choose another address.")
