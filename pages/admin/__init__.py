"""The staff's pages for those who write and publish."""

from pages.admin import page  # noqa: F401 (it registers itself)
