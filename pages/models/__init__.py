"""The tables: pages as they are written, and what of them is published."""

from pages.models.page import STANDARD_SLUGS, Described, Kind, Page
from pages.models.publication import Address, Publication

__all__ = ["STANDARD_SLUGS", "Address", "Described", "Kind", "Page", "Publication"]
