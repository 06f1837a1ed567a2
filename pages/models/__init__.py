"""The tables: pages as they are written, what of them is published, and what is only typed yet."""

from pages.models.draft import Draft
from pages.models.page import STANDARD_SLUGS, Described, Kind, Page
from pages.models.publication import Address, Publication

__all__ = ["STANDARD_SLUGS", "Address", "Described", "Draft", "Kind", "Page", "Publication"]
