"""Django's test client, whose `force_login` is a whole login, with both factors."""

from django import test
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from firm_site import second_factor, sessions
from firm_site.models import User


class Client(test.Client):
    def force_login(self, user: User, backend: str = "django.contrib.auth.backends.ModelBackend") -> None:
        """As `sessions.begin` leaves it, in one statement rather than ten: a third of all tests begin so."""
        kept = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: backend,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        sessions.mark_as_whole(kept, now=timezone.now())
        store = SessionStore()
        session = Session.objects.create(
            session_key=get_random_string(32),
            session_data=store.encode(kept),
            expire_date=store.get_expiry_date(),
        )
        self.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def post_with_code(client: test.Client, path: str, given: dict, **more):
    """Press the button of a form that asks whoever is logged in for a fresh code, too."""
    if "code" not in given:
        given = given | {"code": fresh_code(User.objects.get(pk=client.session[SESSION_KEY]))}
    return client.post(path, given, **more)


def fresh_code(user: User) -> str:
    """A code of the second factor that is good now: a recovery code, since many may be needed in a minute."""
    return second_factor.new_recovery_codes(user)[0]
