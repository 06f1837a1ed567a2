"""The steps of the login, as these tests take them."""

import re
import time

from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.client import Client as WholeClient

PASSWORD = "a long enough password"
LOGIN, CODE, ENROL, SET_UP = (f"/admin/login/{step}" for step in ("", "code/", "enrol/", "authenticator/"))


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """What the authenticator shows now, or so many half minutes from now."""
    totp = TOTP(device.bin_key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def give(client: Client, path: str, **answers: str):
    return client.post(path, answers)


def give_password(client: Client, password: str = PASSWORD, name: str = "anna", **more: str):
    return give(client, LOGIN, username=name, password=password, **more)


def said(response) -> str:
    """The text of the page's form and messages."""
    html = response.content.decode()
    return " ".join(re.sub("<[^>]*>", " ", html[html.index("<h1>") :]).split())


def is_logged_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def logged_in_as(user) -> WholeClient:
    client = WholeClient()
    client.force_login(user)
    return client
