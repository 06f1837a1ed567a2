"""The second factor of a staff login: how it is set up, asked for and taken back.

django-otp keeps the authenticator of each person (RFC 6238) and their recovery codes, checks what is typed
against them, once each, and slows down whoever guesses. An enrolment code, given by whoever made the login,
is what a first authenticator is set up with: a password alone, known to somebody else, leads nowhere.
"""

import os
import re
from base64 import b32encode
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

import qrcode
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from firm_site import sessions
from firm_site.models import Enrolment, User

ENROLMENT_LASTS = timedelta(hours=24)
RECOVERY_CODES = 10
_OF_AN_AUTHENTICATOR = re.compile(r"[0-9]{6}")


def new_enrolment(user: User, *, now: datetime) -> str:
    """Take back the second factor of this person, end their sessions, and return the code with which they set
    up another. Only its digest is kept, so it is shown this once."""
    code = b32encode(os.urandom(10)).decode().lower()
    with transaction.atomic():
        Enrolment.objects.update_or_create(
            user=user, defaults={"digest": _digest(code), "ends_at": now + ENROLMENT_LASTS}
        )
        for kind in (TOTPDevice, StaticDevice):
            kind.objects.filter(user=user).delete()
        sessions.end_all_of(user)
    return in_groups(code)


def may_enrol(user: User, code: str, *, now: datetime) -> bool:
    """Whether this is the enrolment code of this person, and still good."""
    return Enrolment.objects.filter(user=user, digest=_digest(code), ends_at__gt=now).exists()


def is_set_up(user: User) -> bool:
    """Whether this person has an authenticator that has shown a right code."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def to_be_set_up(user: User) -> TOTPDevice:
    """The authenticator that this person is setting up, with a secret of its own."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


def set_up(user: User, code: str) -> list[str] | None:
    """Make the authenticator that shows this code the one of this person, in place of any other, and use up
    the enrolment code. Returns the recovery codes, which are shown this once; None for a wrong code."""
    with transaction.atomic():
        # The enrolment first, as new_enrolment takes it: the two never wait for each other.
        enrolment = Enrolment.objects.select_for_update().filter(user=user).first()
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if enrolment is None or device is None or not _is_right(device, code):
            return None
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save()
        enrolment.delete()
        return new_recovery_codes(user)


def new_recovery_codes(user: User) -> list[str]:
    """Ten codes, each good once, in place of those this person had; shown this once."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return [in_groups(code) for code in codes]


def recovery_codes_left(user: User) -> int:
    """How many of the ten have not been used yet."""
    return StaticToken.objects.filter(device__user=user).count()


def is_right(user: User, code: str) -> bool:
    """Whether this code, of the authenticator or a recovery code, is one of this person's; it is used up."""
    kind = TOTPDevice if _OF_AN_AUTHENTICATOR.fullmatch(bare(code)) else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        return device is not None and _is_right(device, code)


def waits_until(user: User) -> datetime | None:
    """Until when no code of this person is looked at, because several were wrong; None for at once."""
    devices: list[Device] = [
        *TOTPDevice.objects.filter(user=user),
        *StaticDevice.objects.filter(user=user, confirmed=True),
    ]
    refusals = [device.verify_is_allowed()[1] for device in devices]
    return max((refusal["locked_until"] for refusal in refusals if refusal), default=None)


def forgive(user: User) -> None:
    """Forget this person's wrong codes, so that the next is looked at at once."""
    for kind in (TOTPDevice, StaticDevice):
        for device in kind.objects.filter(user=user):
            device.throttle_reset()


def drawn(device: TOTPDevice) -> SafeString:
    """The secret of this authenticator as a QR code, a picture in SVG."""
    picture = BytesIO()
    qrcode.make(device.config_url, image_factory=SvgPathImage, border=2).save(picture)
    return mark_safe(picture.getvalue().decode().partition("?>")[2])  # noqa: S308 (of our own making)


def secret_in_words(device: TOTPDevice) -> str:
    """The secret of this authenticator as people type it."""
    return in_groups(b32encode(device.bin_key).decode().lower())


def in_groups(code: str) -> str:
    """A code as people read it, four at a time."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def bare(code: str) -> str:
    """A code as it was made, however it was typed."""
    return re.sub(r"[\s-]", "", code).lower()


def _is_right(device: Device, code: str) -> bool:
    return bool(device.verify_token(bare(code)))


def _digest(code: str) -> str:
    """What is kept of an enrolment code: with 80 random bits it needs no slow hash."""
    return sha256(bare(code).encode()).hexdigest()
