"""What search engines read about a page: JSON-LD in the words of schema.org."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from firm_site.models import FirmDetails
from pages.models import Described

type Node = dict[str, Any]

_AS_ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})


def graph(*nodes: Node) -> SafeString:
    """The nodes as one JSON-LD document that no text in them can close or leave."""
    document = {"@context": "https://schema.org", "@graph": nodes}
    return mark_safe(json.dumps(document).translate(_AS_ESCAPES))  # noqa: S308 (escaped here)


def article(guide: Described, author: Described | None, *, published: datetime, updated: datetime) -> Node:
    """A guide; `published` and `updated` are aware. No author, no `author`: none is invented."""
    node: Node = {
        "@type": "Article",
        "headline": guide.title,
        "description": guide.summary,
        "mainEntityOfPage": canonical(guide.path),
        "datePublished": published.isoformat(),
        "dateModified": updated.isoformat(),
        "publisher": _firm(),
    }
    return node | ({"author": person(author)} if author else {})


def person(profile: Described) -> Node:
    """A solicitor of the firm."""
    node: Node = {
        "@type": "Person",
        "name": profile.title,
        "url": canonical(profile.path),
        "worksFor": _firm(),
    }
    return node | ({"jobTitle": profile.role} if profile.role else {})


def breadcrumbs(index: str, path: str, page: Described) -> Node:
    """Home, the index (its name and path), the page."""
    steps = [("Home", "/"), (index, path), (page.title, page.path)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": canonical(step)}
            for place, (name, step) in enumerate(steps, start=1)
        ],
    }


def canonical(path: str) -> str:
    """The one whole address of a path of ours."""
    return f"{settings.SITE_URL}{path}"


def _firm() -> Node:
    return {"@type": "Organization", "name": FirmDetails.name, "url": canonical("/")}
