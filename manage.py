#!/usr/bin/env python3
"""The way in to every command. Old Pythons read this file too, to be told that they are."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name, with whatever the environment leaves out provided."""
    if sys.version_info < (3, 12):  # noqa: UP036
        found = ".".join(str(number) for number in sys.version_info[:2])
        print(f"Python 3.12 or newer is needed, and this is {found}: use .venv/bin/python.", file=sys.stderr)
        sys.exit(2)
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit("Django is not installed here: run `make run` once, then use .venv/bin/python manage.py.")
    from firm_site import data_folder

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firm_site.settings")
    try:
        data_folder.provide(sys.argv[2:])
        execute_from_command_line(sys.argv)
    except (data_folder.CannotProvide, ImproperlyConfigured) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
