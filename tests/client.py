"""Django's test client, whose `force_login` is a whole login, with both factors."""

from django import test
from django.utils import timezone

from firm_site import sessions
from firm_site.models import User


class Client(test.Client):
    def force_login(self, user: User, backend: str = "django.contrib.auth.backends.ModelBackend") -> None:
        super().force_login(user, backend)
        session = self.session
        sessions.mark_as_whole(session, now=timezone.now())
        session.save()
