"""Django's test client, whose `force_login` is a whole login, with both factors."""

from django import test
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from firm_site import second_factor, sessions
from firm_site.models import User


class Client(test.Client):
    def force_login(self, user: User, backend: str = "django.contrib.auth.backends.ModelBackend") -> None:
        super().force_login(user, backend)
        session = self.session
        sessions.mark_as_whole(session, now=timezone.now())
        session.save()


def post_with_code(client: test.Client, path: str, given: dict, **more):
    """Press the button of a form that asks whoever is logged in for a fresh code, too."""
    if "code" not in given:
        given = given | {"code": fresh_code(User.objects.get(pk=client.session[SESSION_KEY]))}
    return client.post(path, given, **more)


def fresh_code(user: User) -> str:
    """A code of the second factor that is good now: a recovery code, since many may be needed in a minute."""
    return second_factor.new_recovery_codes(user)[0]
