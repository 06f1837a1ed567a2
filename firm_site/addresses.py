"""Whole addresses of ours, for whoever reads a page elsewhere: search engines, shared links."""

from django.conf import settings
from django.templatetags.static import static

PICTURE = "icons/shared.png"  # 1200 by 630, taken from docs/shared.svg


def canonical(path: str) -> str:
    """The one whole address of a path of ours."""
    return f"{settings.SITE_URL}{path}"


def picture() -> str:
    """The whole address of the picture that stands for the site."""
    return canonical(static(PICTURE))
