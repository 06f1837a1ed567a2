"""An uploaded picture, judged by its content and made anew in the widths that pages use.

Pure: bytes come in, bytes go out. Only the pixels are taken over, so that nothing else which the file
held (where it was taken, by what, remarks, colour profiles) can reach a visitor.
"""

import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from threading import Lock

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MOST_BYTES = 10_000_000
MOST_PIXELS = 40_000_000
LONGEST = 10  # times its shorter side
MOST_LAYERS = 500  # of a JPEG, each of which takes as long as a whole picture; honest ones have ten or so

# Pixels. 160 and 400: a portrait beside a name and at the head of a profile, on fine screens too.
# 600 and 1200: the column of text on a laptop, and on a fine screen; 800: a telephone's. See site.css.
WIDTHS = [160, 400, 600, 800, 1200]
WIDEST = WIDTHS[-1]

# How each format is written. Each was looked at: below these, skin begins to look painted.
FORMATS = {
    "webp": {"quality": 80, "method": 4},
    "jpeg": {"quality": 82, "progressive": True, "optimize": True},
}
_READ = ["JPEG", "PNG", "WEBP"]
_APPLE = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# Pillow looks at what a picture's head promises before it decodes a pixel, and refuses too many.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

# Forty million pixels take up to 650 MB while they are read.
ONE_AT_A_TIME = Lock()

TOO_MANY_PIXELS = f"This picture has more than {MOST_PIXELS // 1_000_000} million pixels: save it smaller."
DAMAGED = "This picture is damaged and cannot be read: save it anew, or choose another."


class Refused(Exception):
    """Not a picture that can be shown; the message is a sentence to whoever uploaded it."""


@dataclass(frozen=True)
class File:
    """A picture in one width and format; `hash` is its name on the site."""

    width: int
    height: int
    format: str
    content: bytes
    hash: str


@dataclass(frozen=True)
class Prepared:
    """A picture ready to be kept: the pixels that it had, upright, and its files, narrow to wide."""

    width: int
    height: int
    fingerprint: str
    files: list[File]


def prepare(upload: bytes) -> Prepared:
    """Make of a JPEG, PNG or WebP file what the site serves: WebP and progressive JPEG, upright, in
    sRGB, on white, in each of WIDTHS that the picture has, without metadata.

    The same pixels always have the same `fingerprint`. A process reads one upload after the other.
    Raises Refused.
    """
    if len(upload) > MOST_BYTES:
        raise Refused(too_large(len(upload)))
    try:
        with ONE_AT_A_TIME:
            (width, height), picture = _decode(upload)
    except Refused:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise Refused(_what_it_is(upload)) from None
    except Exception as error:  # foreign bytes make a decoder fail in more ways than it has names for
        raise Refused(DAMAGED) from error
    fingerprint = sha256(b"%d x %d:" % picture.size + picture.tobytes()).hexdigest()
    files = [_file(picture, each, name, fingerprint) for each in _widths(picture.width) for name in FORMATS]
    return Prepared(width, height, fingerprint, files)


def too_large(size: int) -> str:
    """What is said of a file of `size` bytes that is larger than MOST_BYTES."""
    has, may = size / 1_000_000, MOST_BYTES // 1_000_000
    return f"This file has {has:.1f} MB: at most {may} MB can be taken. Save it smaller."


def _decode(upload: bytes) -> tuple[tuple[int, int], Image.Image]:
    """The size of the picture, upright, and its pixels as plain sRGB, at most WIDEST wide."""
    with Image.open(BytesIO(upload), formats=_READ) as image:
        if image.format not in {"PNG", "WEBP"} and upload.count(b"\xff\xda") > MOST_LAYERS:
            raise Refused(DAMAGED)
        if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
            raise Refused("This picture moves: choose one that stands still.")
        size, short, long = image.size, min(image.size), max(image.size)
        if long > LONGEST * short:
            raise Refused(f"This picture is more than {LONGEST} times as long as it is wide: crop it.")
        image.draft(None, (WIDEST, WIDEST))  # a large JPEG is read at half, a quarter … of its size
        smaller = _roughly(image)
        upright = ImageOps.exif_transpose(smaller)
        turned = (upright.width > upright.height) != (smaller.width > smaller.height)
        return (size[::-1] if turned else size), _at_most(_on_white(_in_srgb(upright)), WIDEST)


def _roughly(image: Image.Image) -> Image.Image:
    """`image`, or of a large one a half, a third …, either side still WIDEST: all that follows would
    else take hundreds of megabytes of memory. Of colours in a palette no mean can be taken."""
    factor = min(image.size) // WIDEST
    if factor < 2:
        return image
    averages = image.mode in {"RGB", "RGBA", "L", "LA", "CMYK"} and "transparency" not in image.info
    return (image if averages else _plain(image)).reduce(factor)


def _plain(image: Image.Image) -> Image.Image:
    """`image` as RGBA if one can look through it, else as RGB. Of 16 bits of grey Pillow would take
    whatever is not nearly black for white."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey / 257, "L").convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """The colours of `image` as sRGB: RGBA if one can look through it, else RGB."""
    plain = _plain(image)
    profile = image.info.get("icc_profile")
    if not profile:
        return plain
    colours = image if image.mode in {"CMYK", "L"} else plain.convert("RGB")
    try:
        theirs, ours = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(colours, theirs, ours, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that cannot be read is left aside
        return plain
    if converted is None or plain.mode == "RGB":
        return converted or plain
    converted.putalpha(plain.getchannel("A"))
    return converted


def _on_white(image: Image.Image) -> Image.Image:
    """The pixels on white paper, and nothing but the pixels."""
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return paper


def _at_most(image: Image.Image, width: int) -> Image.Image:
    """`image`, or if it is wider, a smaller one of `width` pixels."""
    if image.width <= width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _widths(width: int) -> list[int]:
    """Those of WIDTHS that a picture of `width` fills, and its own where it falls between them."""
    return sorted({min(width, each) for each in WIDTHS})


def _file(picture: Image.Image, width: int, name: str, fingerprint: str) -> File:
    """One file. Its hash speaks for the picture too: of two pictures the smallest may look alike."""
    scaled, out = _at_most(picture, width), BytesIO()
    scaled.save(out, name, **FORMATS[name])
    content = out.getvalue()
    named = sha256(fingerprint.encode() + content).hexdigest()[:32]
    return File(scaled.width, scaled.height, name, content, named)


def _what_it_is(upload: bytes) -> str:
    """What to do with a file that is no JPEG, PNG or WebP."""
    if upload[4:8] == b"ftyp" and upload[8:12] in _APPLE:
        return (
            "This is a HEIC picture, as iPhones take them, and most browsers cannot show it. Open it on a "
            "Mac or PC and save it as JPEG; or on the iPhone choose Settings, Camera, Formats, Most "
            "Compatible, and take it again."
        )
    if not upload:
        return "This file is empty: choose a picture."
    return "This is not a picture that can be used here: choose a JPEG, PNG or WebP file."
