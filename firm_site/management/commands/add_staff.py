"""`manage.py add_staff NAME --group desk`: a login for a member of staff."""

import os
from getpass import getpass
from typing import Any

from axes.utils import reset
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from firm_site import second_factor, sessions
from firm_site.models import User
from firm_site.roles import ROLES

TAKE_BACK = "take back the second factor, log them out, unlock them, and print a new enrolment code"


class Command(BaseCommand):
    help = (
        "Add a login for a member of staff. Asks for a password, or takes STAFF_PASSWORD, and prints the "
        "code with which they set up their second factor."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what they type to log in, for example anna")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--group", choices=sorted(ROLES), help="what they may do")
        what.add_argument("--reset", action="store_true", help=TAKE_BACK)
        what.add_argument("--disable", action="store_true", help="log them out, and let them in no more")
        what.add_argument("--enable", action="store_true", help="let them in again, as before --disable")
        parser.add_argument("--first-name", default="", help="as colleagues read it")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["reset"]:
            self._reset(_known(options["name"]))
        elif options["disable"]:
            self._disable(_known(options["name"]))
        elif options["enable"]:
            self._enable(_known(options["name"]))
        else:
            self._add(options)

    def _add(self, options: dict[str, Any]) -> None:
        user = User(
            username=User.normalize_username(options["name"]),  # as the login reads it
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
            code = second_factor.new_enrolment(user, now=timezone.now())
        self.stdout.write(f"{user.username} can log in at /admin/, as {options['group']}.")
        self._say(code)

    def _reset(self, user: User) -> None:
        if not user.is_active:
            raise CommandError(f"{user.username} is disabled, and a code would lead nowhere: --enable first.")
        reset(username=user.username)
        code = second_factor.new_enrolment(user, now=timezone.now())
        self.stdout.write(f"{user.username} is logged out, and has no second factor any more.")
        self._say(code)

    def _disable(self, user: User) -> None:
        user.is_active = False
        user.save(update_fields=["is_active"])
        sessions.end_all_of(user)
        self.stdout.write(f"{user.username} is logged out, and can log in no more.")

    def _enable(self, user: User) -> None:
        user.is_active = True
        user.save(update_fields=["is_active"])
        self.stdout.write(f"{user.username} can log in again. For a new enrolment code: --reset.")

    def _say(self, code: str) -> None:
        self.stdout.write(f"Enrolment code, for the first login within 24 hours: {code}")


def _known(name: str) -> User:
    """The login of this name. Raises CommandError."""
    user = User.objects.filter(username=User.normalize_username(name)).first()
    if user is None:
        raise CommandError(f"There is no login named {name}.")
    return user


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
