"""Pictures for tests, drawn here: there is no binary in the repository."""

from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from firm_site.models import User
from pages.actions.pictures import keep
from pages.models import Picture
from pages.pictures import prepare
from tests.conftest import MONDAY


def drawn(width: int = 640, height: int = 480, colour: Any = "#d4a373", mode: str = "RGB") -> Image.Image:
    """A plain picture with a darker upper left quarter, so that up and left can be told."""
    image = Image.new(mode, (width, height), colour)
    image.paste(0 if mode == "L" else "#264653", (0, 0, width // 2, height // 2))
    return image


def as_file(image: Image.Image | None = None, kind: str = "JPEG", **options: Any) -> bytes:
    """The bytes of a file of it."""
    out = BytesIO()
    (image or drawn()).save(out, kind, **options)
    return out.getvalue()


# The same bytes make the same picture: pure, so that each worker needs to do it but once.
_prepared = cache(prepare)


def kept(image: Image.Image | None = None, *, by: User | None = None, **said: str) -> Picture:
    """A picture that somebody uploaded."""
    by = by or User.objects.get_or_create(username="uploader")[0]
    words = {"name": "Needle", "alternative_text": "A needle on a tray"} | said
    picture, _ = keep(prepared=_prepared(as_file(image, "PNG")), by=by, now=MONDAY, **words)
    return picture
