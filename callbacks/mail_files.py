"""The files that stand in for a mail server (EMAIL_URL=file:///folder): they hold what we wrote to people."""

from collections.abc import Collection
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.conf import settings

_BETWEEN = b"-" * 79 + b"\n"  # as Django's backend writes it after each message


def delete_letters(references: Collection[str]) -> int:
    """Delete the e-mails about these requests, known by the Message-ID that we gave them, and each file that
    held nothing else; return how many e-mails. With a mail server there are none."""
    mailer: Any = settings.MAILERS["default"]
    folder = mailer.get("OPTIONS", {}).get("file_path")
    if not folder or not references:
        return 0
    return sum(_delete_from(file, references) for file in sorted(Path(folder).glob("*.log")))


def _delete_from(file: Path, references: Collection[str]) -> int:
    try:
        content = file.read_bytes()
    except FileNotFoundError:  # another erasure was quicker
        return 0
    if not any(each.encode() in content for each in references):
        return 0
    letters = [each for each in content.split(_BETWEEN) if each.strip()]
    others = [each for each in letters if not _is_about(each, references)]
    if not others:
        file.unlink(missing_ok=True)
    elif len(others) < len(letters):
        rest = file.with_suffix(".rest")
        rest.write_bytes(b"".join(each + _BETWEEN for each in others))
        rest.replace(file)
    return len(letters) - len(others)


def _is_about(letter: bytes, references: Collection[str]) -> bool:
    """Whether it is a letter of one request. What the desk is sent names several by their references, which
    are nobody's."""
    known_as = str(message_from_bytes(letter, policy=policy.default)["Message-ID"] or "")
    return any(f".{each}@" in known_as for each in references)
