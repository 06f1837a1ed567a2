"""What partners do to pages. Only these verbs write a publication or a draft."""


class AddressTaken(Exception):
    """The address belongs, or once belonged, to another page, and goes on leading there."""
