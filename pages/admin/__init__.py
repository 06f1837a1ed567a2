"""The staff's pages for those who write and publish."""

from pages.admin import front, page, picture  # noqa: F401 (they register themselves)
