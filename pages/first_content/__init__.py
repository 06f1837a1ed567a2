"""The pages that the site starts with, as files: `key: value` lines, a blank line, the body.

`kind` and `slug` name a page, `author` is the slug of a profile, every other key a field of Page.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from pages.actions.publishing import publish
from pages.models import Kind, Page

FILES = Path(__file__).parent
_ORDER = [Kind.PROFILE, Kind.GUIDE, Kind.STANDARD]  # authors before what they wrote


@transaction.atomic
def load(*, now: datetime) -> int:
    """Write and publish every file's page as of `now`, and return how many there were. Where any
    page exists, partners have the word: nothing happens, and the answer is 0."""
    if Page.objects.exists():
        return 0
    texts = sorted(read(), key=lambda fields: _ORDER.index(Kind(fields["kind"])))
    for fields in texts:
        slug = fields.pop("author", None)
        author = Page.objects.get(kind=Kind.PROFILE, slug=slug) if slug else None
        page = Page(**fields, author=author)
        page.full_clean()
        page.save()
        publish(page=page, by=None, now=now)
    return len(texts)


def read() -> Iterator[dict[str, str]]:
    """The fields of each file's page, `body` among them."""
    for file in sorted(FILES.glob("*.html")):
        head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
        lines = (line.partition(":") for line in head.splitlines())
        yield {key.strip(): value.strip() for key, _, value in lines} | {"body": body.strip()}
