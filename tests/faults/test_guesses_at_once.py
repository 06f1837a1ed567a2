"""Whoever guesses through many doors in the same moment gets no more guesses than one after the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site
from django.db import connections
from django.test import Client

MANY = 16


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["anna", "nobody-of-this-name"])
def test_of_sixteen_passwords_at_once_five_are_looked_at(anna, settings, name):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # which takes its time
    anna.set_password("a long enough password")
    anna.save()
    ready = Barrier(MANY)

    def guess(number: int) -> int:
        ready.wait(20)
        try:
            given = {"username": name, "password": f"wrong {number}"}
            return Client().post("/admin/login/", given).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as guessing:
        answers = sorted(guessing.map(guess, range(MANY)))
    looked_at = AccessAttempt.objects.get(username=name).failures_since_start
    assert (looked_at, answers) == (site.AXES_FAILURE_LIMIT, [422] * 4 + [429] * 12)
