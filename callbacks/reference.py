"""References that people can read out over the telephone, and addresses nobody can guess."""

import secrets
from hashlib import sha256

ALPHABET = "ACEFHJKLMNPRTUVWXY3479"


def new_reference() -> str:
    """A random reference, `XX-XXXX-XXXX`: 22¹⁰ of them, so two alike are never seen."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:2]}-{letters[2:6]}-{letters[6:]}"


def new_token() -> str:
    """An unguessable token for the address of a receipt: 192 random bits."""
    return secrets.token_urlsafe(24)


def spent(token: str) -> str:
    """What stands in the place of the token of a request that holds nothing any more."""
    return f"spent-{sha256(token.encode()).hexdigest()}"[:40]
