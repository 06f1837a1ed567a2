"""Anna, her authenticator, and a browser from nowhere."""

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.login.steps import CODE, code_of, give, give_password


@pytest.fixture
def client() -> Client:
    """Somebody at the login, from nowhere."""
    return Client()


@pytest.fixture
def device(anna) -> TOTPDevice:
    return TOTPDevice.objects.create(user=anna, name="authenticator")


@pytest.fixture
def working(client, anna, device) -> Client:
    """Anna, logged in."""
    give_password(client)
    give(client, CODE, code=code_of(device))
    return client
