"""What becomes of an uploaded picture: judged by its content, made anew, and nothing but its pixels kept."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from pages.pictures import MOST_BYTES, ONE_AT_A_TIME, Prepared, Refused, prepare
from tests.drawing import as_file, drawn

CANARY = b"c4n4ry-in-the-coal-mine"
DARK, LIGHT = (38, 70, 83), (212, 163, 115)  # what `drawn` draws


def widest(prepared: Prepared, kind: str = "jpeg") -> Image.Image:
    """The picture as the largest file of its kind has it."""
    content = [file.content for file in prepared.files if file.format == kind][-1]
    return Image.open(BytesIO(content))


def near(colour, other, by: int = 6) -> bool:
    return all(abs(one - two) <= by for one, two in zip(colour, other, strict=True))


def sentence(upload: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        prepare(upload)
    return str(refusal.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_anew_in_every_width_it_fills_as_webp_and_as_jpeg(kind):
    prepared = prepare(as_file(drawn(1600, 1000), kind))
    assert (prepared.width, prepared.height) == (1600, 1000)
    assert [(file.width, file.height, file.format) for file in prepared.files] == [
        (width, height, kind)
        for width, height in [(160, 100), (400, 250), (600, 375), (800, 500), (1200, 750)]
        for kind in ("webp", "jpeg")
    ]
    for file in prepared.files:
        image = Image.open(BytesIO(file.content))
        assert (image.format, image.size) == (file.format.upper(), (file.width, file.height))
        assert near(image.convert("RGB").getpixel((5, 5)), DARK)


@pytest.mark.parametrize(
    ("width", "widths"),
    [(90, [90]), (160, [160]), (500, [160, 400, 500]), (1200, [160, 400, 600, 800, 1200])],
)
def test_no_file_is_wider_than_the_original(width, widths):
    prepared = prepare(as_file(drawn(width, 120)))
    assert [file.width for file in prepared.files if file.format == "webp"] == widths


def test_a_jpeg_comes_in_layers_so_that_a_slow_line_shows_the_whole_soon():
    assert widest(prepare(as_file())).info["progressive"] == 1


@pytest.mark.parametrize(("name", "kind"), [("a.txt", "JPEG"), ("a.gif", "PNG"), ("a", "WEBP")])
def test_what_counts_is_the_content_and_no_name(name, kind):
    assert prepare(as_file(kind=kind)).width == 640


@pytest.mark.parametrize(
    "upload",
    [
        as_file(kind="GIF"),
        as_file(kind="TIFF"),
        as_file(kind="BMP"),
        b"%PDF-1.7 and so on",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"MZ\x90\x00",
        b"words",
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(upload):
    assert sentence(upload) == (
        "This is not a picture that can be used here: choose a JPEG, PNG or WebP file."
    )


def test_an_empty_file_is_refused():
    assert sentence(b"") == "This file is empty: choose a picture."


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_whoever_brings_a_heic_picture_is_told_what_to_do(brand):
    assert sentence(b"\0\0\0\x18ftyp" + brand + b"\0" * 40) == (
        "This is a HEIC picture, as iPhones take them, and most browsers cannot show it. Open it on a Mac "
        "or PC and save it as JPEG; or on the iPhone choose Settings, Camera, Formats, Most Compatible, and "
        "take it again."
    )


def test_more_than_ten_megabytes_are_refused_and_ten_are_not():
    picture = as_file()
    exactly = picture + b"\0" * (MOST_BYTES - len(picture))
    assert prepare(exactly).width == 640
    assert sentence(exactly + b"\0" * 100_000) == (
        "This file has 10.1 MB: at most 10 MB can be taken. Save it smaller."
    )


def png_that_promises(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head says that it is so large; the pixels are not there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


TOO_MANY = "This picture has more than 40 million pixels: save it smaller."
DAMAGED = "This picture is damaged and cannot be read: save it anew, or choose another."


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((8000, 5001), TOO_MANY),
        ((60_000, 60_000), TOO_MANY),
        ((800, 500), DAMAGED),  # its few pixels are asked for, and are not there
    ],
)
def test_a_bomb_is_refused_by_what_its_head_promises_before_a_pixel_is_read(size, said):
    assert sentence(png_that_promises(*size)) == said


def test_forty_million_pixels_are_not_too_many():
    assert prepare(as_file(Image.new("L", (8000, 5000), 200), optimize=False)).files[-1].width == 1200


def test_a_jpeg_of_a_thousand_layers_is_refused_before_any_is_read():
    plain = as_file(progressive=True)
    last = plain[plain.rindex(b"\xff\xda") : -2]
    assert prepare(plain[:-2] + last * 100 + plain[-2:]).width == 640
    assert sentence(plain[:-2] + last * 1000 + plain[-2:]) == DAMAGED


def test_only_one_upload_at_a_time_takes_the_memory_that_reading_needs():
    with ThreadPoolExecutor(1) as other:
        with ONE_AT_A_TIME:
            waiting = other.submit(prepare, as_file())
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
        assert waiting.result(timeout=60).width == 640
    assert sentence(b"words") == sentence(b"words")  # one that fails holds up nobody


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(kind):
    moving = as_file(drawn(), kind, save_all=True, append_images=[drawn(colour="red")])
    assert sentence(moving) == "This picture moves: choose one that stands still."


@pytest.mark.parametrize("size", [(20, 201), (201, 20)])
def test_a_strip_is_refused(size):
    assert (
        sentence(as_file(drawn(*size)))
        == "This picture is more than 10 times as long as it is wide: crop it."
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_cut_short_is_refused(kind):
    whole = as_file(drawn(colour="#d4a373"), kind)
    assert sentence(whole[: len(whole) // 2]) == DAMAGED


# Light


TURNS = {  # EXIF orientation: where the dark quarter, upper left in what is stored, is to be seen
    1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1),
}  # fmt: skip


# A large picture is read at a half of its size: of those each kind turned once.
SMALL, LARGE = (150, 110), (2600, 1400)
HELD = [(SMALL, orientation) for orientation in TURNS] + [(LARGE, 6)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("size", "orientation"), HELD)
def test_a_picture_stands_upright_however_the_camera_was_held(size, orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(as_file(drawn(*size), kind, exif=exif))
    seen = size if orientation < 5 else size[::-1]
    assert (prepared.width, prepared.height) == seen
    image = widest(prepared)
    assert image.width == min(1200, seen[0])
    right, low = TURNS[orientation]
    for corner in [(0, 0), (1, 0), (0, 1), (1, 1)]:
        at = (10 if not corner[0] else image.width - 10, 10 if not corner[1] else image.height - 10)
        assert near(image.getpixel(at), DARK if corner == (right, low) else LIGHT), corner


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_large_picture_which_is_read_at_half_its_size_is_treated_like_any_other(mode):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its right side
    stored = Image.new("RGB", (2600, 2400), "#ffffff")
    stored.paste("#404040", (0, 0, 1300, 1200))
    prepared = prepare(as_file(stored.convert(mode), "PNG", exif=exif))
    assert (prepared.width, prepared.height) == (2400, 2600)
    image = widest(prepared)
    assert image.size == (1200, 1300)
    assert near(image.getpixel((1190, 10)), (64, 64, 64))
    assert near(image.getpixel((10, 10)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_one_can_look_through_lies_on_white(kind):
    glass = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    glass.paste((200, 30, 30, 128), (100, 0, 200, 200))
    image = widest(prepare(as_file(glass, kind, lossless=True)))
    assert near(image.getpixel((10, 10)), (255, 255, 255))
    assert near(image.getpixel((180, 100)), (227, 142, 142))


def test_a_colour_made_transparent_in_a_palette_lies_on_white_too():
    palette = drawn().quantize(4)
    image = widest(prepare(as_file(palette, "PNG", transparency=palette.getpixel((5, 5)))))
    assert near(image.getpixel((5, 5)), (255, 255, 255))
    assert near(image.getpixel((630, 470)), LIGHT)


def swapped_colours() -> bytes:
    """A profile in which red is called green and green red, so that reading it can be seen."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12):
        tag = bytes(profile[at : at + 4])
        profile[at : at + 4] = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(tag, tag)
    return bytes(profile)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_are_turned_into_srgb_by_the_profile_they_came_with(mode):
    red = Image.new("RGB", (200, 200), (230, 20, 20)).convert(mode, palette=Image.Palette.ADAPTIVE)
    image = widest(prepare(as_file(red, "PNG", icc_profile=swapped_colours())))
    assert near(image.getpixel((50, 50)), (20, 230, 20), by=12)


def test_a_profile_that_cannot_be_read_is_left_aside():
    image = widest(prepare(as_file(kind="JPEG", icc_profile=b"nothing of the kind" * 20)))
    assert near(image.getpixel((5, 5)), DARK)


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_a_print_and_a_grey_picture_come_out_in_colours_for_screens(mode):
    image = widest(prepare(as_file(drawn(mode="L", colour=200).convert(mode))))
    assert image.mode == "RGB"
    assert near(image.getpixel((630, 470)), (200, 200, 200))


@pytest.mark.parametrize("size", [(300, 200), (2600, 2400)])
def test_a_grey_of_sixteen_bits_is_the_same_grey_in_eight(size):
    image = widest(prepare(as_file(Image.new("I;16", size, 0x5555), "PNG")))
    assert near(image.getpixel((50, 50)), (0x55, 0x55, 0x55))


# What else the file held


def with_everything(kind: str) -> bytes:
    """A picture that says where it was taken, by whom and more, in all the ways that its kind has."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x8298] = CANARY.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0), 29: CANARY.decode()})
    exif.get_ifd(0x8769)[0x9286] = CANARY
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY
    options: dict = {"exif": exif, "icc_profile": profile}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", CANARY.decode())
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        return as_file(kind="PNG", pnginfo=text, **options) + CANARY
    return as_file(kind=kind, xmp=xmp, **options | ({"comment": CANARY} if kind == "JPEG" else {})) + CANARY


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_a_file_says_beside_its_pixels_reaches_a_visitor(kind):
    upload = with_everything(kind)
    assert upload.count(CANARY) >= 4
    for file in prepare(upload).files:
        assert CANARY not in file.content
        image = Image.open(BytesIO(file.content))
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"} | {
            "progressive", "progression", "loop", "background", "timestamp", "duration",
        }  # fmt: skip


def test_the_smaller_picture_that_a_camera_hides_in_a_jpeg_goes_too():
    hidden = as_file(drawn(160, 120, colour="#ff0000"))
    both = as_file(drawn(), "MPO", save_all=True, append_images=[drawn(160, 120, colour="#ff0000")])
    prepared = prepare(both)
    assert (prepared.width, prepared.height) == (640, 480)
    assert hidden[:200] not in prepared.files[-1].content


# Twice is once


def test_the_same_picture_is_known_again_whatever_else_its_file_says():
    first, again = prepare(as_file(kind="PNG")), prepare(with_everything("PNG"))
    assert first == again
    assert prepare(as_file(drawn(colour="#d4a374"), "PNG")).fingerprint != first.fingerprint


def test_no_two_files_have_one_name_even_where_small_ones_look_alike():
    one, other = (
        prepare(as_file(Image.new("RGB", (700, 700)))),
        prepare(as_file(Image.new("RGB", (900, 900)))),
    )
    assert one.files[0].content == other.files[0].content
    names = [file.hash for file in one.files + other.files]
    assert len(set(names)) == len(names)


# Whatever else may come

SOUND = [as_file(drawn(60, 40), kind) for kind in ("JPEG", "PNG", "WEBP")]
CUT = st.integers(0, 400)


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(st.sampled_from(SOUND), st.lists(st.tuples(CUT, st.binary(max_size=6)), max_size=4))
def test_no_damage_leads_to_anything_but_a_picture_or_a_sentence(upload, blows):
    for at, what in blows:
        upload = upload[:at] + what + upload[at + len(what) :]
    with suppress(Refused):
        assert prepare(upload).files
