"""What search engines read about a page: JSON-LD in the words of schema.org."""

import json
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from firm_site.addresses import canonical, picture
from firm_site.models import FirmDetails
from pages.models import Described

type Node = dict[str, Any]

_AS_ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})


def graph(*nodes: Node) -> SafeString:
    """The nodes as one JSON-LD document that no text in them can close or leave; '' where there are none."""
    if not nodes:
        return SafeString()
    document = {"@context": "https://schema.org", "@graph": nodes}
    return mark_safe(json.dumps(document).translate(_AS_ESCAPES))  # noqa: S308 (escaped here)


def article(
    guide: Described,
    *,
    author: Described | None,
    reviewer: Described | None,
    published: datetime,
    updated: datetime,
) -> Node:
    """A guide; `published` and `updated` are aware. No author, no `author`: none is invented. Who
    reviewed it stands on its page, since schema.org knows reviews of pages, not of articles."""
    page: Node = {"@type": "WebPage", "@id": canonical(guide.path)}
    if reviewer and guide.reviewed_on:
        page |= {"reviewedBy": person(reviewer), "lastReviewed": guide.reviewed_on.isoformat()}
    node: Node = {
        "@type": "Article",
        "headline": guide.title,
        "description": guide.summary,
        "image": picture(),
        "mainEntityOfPage": page,
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
    if profile.portrait_files:
        node["image"] = canonical(profile.portrait_files[-1].path)  # the widest, a JPEG
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


def office(firm: FirmDetails) -> list[Node]:
    """The firm as a place of business, or nothing while it has not said where it is."""
    if not firm.registered_office:
        return []
    place: Node = {
        "@type": "LegalService",
        "address": firm.registered_office,
        "telephone": firm.telephone_uri.removeprefix("tel:"),
        "areaServed": "England and Wales",
        "image": picture(),
    }
    return [_firm() | place | ({"email": firm.email} if firm.email else {})]


def _firm() -> Node:
    """The publisher of every page; the name by which the office is known to be the same."""
    home = canonical("/")
    return {"@type": "Organization", "@id": f"{home}#firm", "name": FirmDetails.name, "url": home}
