"""The tables: pages as they are written, what of them is published, what is only typed yet, and the pictures
on them."""

from pages.models.draft import Draft
from pages.models.page import STANDARD_SLUGS, Described, Kind, Page
from pages.models.picture import EXTENSIONS, Format, Picture, PictureFile
from pages.models.publication import Address, Publication

__all__ = [
    "EXTENSIONS",
    "STANDARD_SLUGS",
    "Address",
    "Described",
    "Draft",
    "Format",
    "Kind",
    "Page",
    "Picture",
    "PictureFile",
    "Publication",
]
