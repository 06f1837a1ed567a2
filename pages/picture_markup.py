"""How a picture is written into a page: every width and format of it, and how wide it will stand.

The numbers are those of static/site.css: the column of text is 37.5rem wide, or the window less two
gutters of 1rem; the browser chooses the file by them before it has read the style sheet.
"""

from collections.abc import Sequence
from typing import Protocol

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

REM = 16  # pixels, unless a reader has chosen otherwise
COLUMN = 600  # pixels: `--measure`
UPRIGHT = 416  # `figure.upright`: a picture of a standing person would fill more than the window
_IS_UPRIGHT = 1.2  # times as high as wide, from which on it is set narrower

MIME_TYPES = {"webp": "image/webp", "jpeg": "image/jpeg"}

# Of a portrait its side in pixels, as site.css has it beside a name, in a list and on a profile.
PORTRAITS = {"small": 36, "medium": 56, "large": 128}


class File(Protocol):
    """What `pages.models.PictureFile` is to whoever writes it into a page."""

    width: int
    height: int
    format: str

    @property
    def path(self) -> str: ...


def figure(files: Sequence[File], *, alt: str) -> SafeString:
    """A picture in a text. `files` are all of one picture, narrow to wide; at least one JPEG."""
    widest = files[-1]
    upright = widest.height > _IS_UPRIGHT * widest.width
    stands = min(widest.width, UPRIGHT if upright else COLUMN)
    sizes = f"(min-width: {stands / REM + 2:g}em) {stands / REM:g}rem, calc(100vw - 2rem)"
    return format_html(
        "<figure{}>{}</figure>",
        mark_safe(' class="upright"') if upright else "",
        _picture([file for file in files if file.width >= 400] or files, alt=alt, sizes=sizes),
    )


def portrait(files: Sequence[File], *, size: str, alt: str) -> SafeString:
    """A portrait, to be cut round; `size` is one of PORTRAITS. `alt` is empty beside the name."""
    side, widest = PORTRAITS[size], files[-1]
    wide = side * max(1, widest.width / widest.height)  # what is cut off at the sides is loaded too
    fitting = [file for file in files if file.width <= 400] or files
    return format_html(
        '<span class="portrait portrait-{}">{}</span>',
        size,
        _picture(fitting, alt=alt, sizes=f"{wide / REM:g}rem", square=side, lazy=size == "medium"),
    )


def _picture(
    files: Sequence[File], *, alt: str, sizes: str, square: int = 0, lazy: bool = True
) -> SafeString:
    """WebP for whoever can read it, else JPEG; without srcset, the widest JPEG. What stands at the
    head of a page is not `lazy`: it would come late."""
    jpeg = [file for file in files if file.format == "jpeg"][-1]
    return format_html(
        '<picture><source type="image/webp" srcset="{}" sizes="{}">'
        '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}"{} decoding="async">'
        "</picture>",
        _srcset(files, "webp"),
        sizes,
        jpeg.path,
        _srcset(files, "jpeg"),
        sizes,
        square or jpeg.width,
        square or jpeg.height,
        _as_written(alt),
        mark_safe(' loading="lazy"') if lazy else "",
    )


def _srcset(files: Sequence[File], kind: str) -> str:
    return ", ".join(f"{file.path} {file.width}w" for file in files if file.format == kind)


def _as_written(alt: str) -> SafeString:
    """The text escaped, square brackets too: [telephone] gives way to a link in the text, not here."""
    return mark_safe(escape(alt).replace("[", "&#91;"))  # noqa: S308 (escaped here)
