"""Django's test client, whose `force_login` is a whole login, with both factors."""

from django import test
from django.utils import timezone

from firm_site import second_factor, sessions
from firm_site.models import User


class Client(test.Client):
    def force_login(self, user: User, backend: str = "django.contrib.auth.backends.ModelBackend") -> None:
        super().force_login(user, backend)
        session = self.session
        sessions.mark_as_whole(session, now=timezone.now())
        session.save()


def fresh_code(user: User) -> str:
    """A code of the second factor that is good now: a recovery code, since many may be needed in a minute."""
    return second_factor.new_recovery_codes(user)[0]
