"""`manage.py add_staff NAME --group desk`: a login for a member of staff."""

import os
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from firm_site.models import User
from firm_site.roles import ROLES


class Command(BaseCommand):
    help = "Add a login for a member of staff. Asks for a password, or takes STAFF_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what they type to log in, for example anna")
        parser.add_argument("--group", required=True, choices=sorted(ROLES), help="what they may do")
        parser.add_argument("--first-name", default="", help="as colleagues read it")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User(
            username=options["name"],
            first_name=options["first_name"],
            last_name=options["last_name"],
            email=options["email"],
            is_staff=True,
        )
        if User.objects.filter(username__iexact=user.username).exists():
            raise CommandError(f"There is already a login named {user.username}. Choose another name.")
        try:
            user.clean_fields(exclude=["password"])
            password = os.environ.get("STAFF_PASSWORD") or _asked_twice()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        user.set_password(password)
        with transaction.atomic():
            user.save()
            user.groups.set([Group.objects.get(name=options["group"])])
        self.stdout.write(f"{user.username} can log in at /admin/, as {options['group']}.")


def _asked_twice() -> str:
    """The password, typed twice without being shown. Raises CommandError."""
    try:
        password = getpass("Password: ")
        again = getpass("The same again: ")
    except (EOFError, KeyboardInterrupt):
        raise CommandError("No password was given: type one, or set STAFF_PASSWORD.") from None
    if password != again:
        raise CommandError("The two passwords differ. Start again.")
    return password
