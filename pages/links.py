"""Links between our own pages: which of them lead nowhere, now or once something changes."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve

from pages import body
from pages.models import Described, Kind, Page, Publication
from pages.models.page import FOLDERS

_HREF = re.compile(r'<a href="([^"]*)">')
_ID = re.compile(r'<h[23] id="([^"]*)">')
_FILES = ("/img/", f"/{settings.STATIC_URL.strip('/')}/")

# What the templates of a page can be linked to at, beside its headings.
FIXED_IDS = {
    Kind.GUIDE: {"main", "callback-title", "callback-form", "share-title"},
    Kind.PROFILE: {"main"},
    Kind.STANDARD: {"main"},
}


@dataclass(frozen=True)
class Link:
    """A link within the site: as it is written, and the path ('' for this page) and fragment."""

    href: str
    path: str
    fragment: str


@dataclass(frozen=True)
class BrokenLink:
    """A link that would lead nowhere, and the live page that it stands on."""

    title: str
    path: str
    href: str


def links_of(html: str) -> list[Link]:
    """The links within the site of a clean body, each once, in their order."""
    hrefs = dict.fromkeys(unescape(href) for href in _HREF.findall(html))
    return [link for link in map(_within, hrefs) if link]


def inner(html: str) -> list[str]:
    """The paths that a clean body links to, without fragment and query."""
    return list(dict.fromkeys(link.path for link in links_of(html) if link.path))


def fragments(html: str) -> list[str]:
    """The parts of its own page that a clean body links to: part-infection for #part-infection."""
    return list(dict.fromkeys(link.fragment for link in links_of(html) if not link.path and link.fragment))


def ids(version: Described) -> set[str]:
    """What a link to this version may name after the #."""
    drawn = body.render(version.body)
    unwell = {"unwell"} if version.kind == Kind.GUIDE and drawn.from_signs else set()
    return {"", "top", *_ID.findall(str(drawn))} | FIXED_IDS[Kind(version.kind)] | unwell


def leading_nowhere(version: Described, *, now: datetime) -> list[str]:
    """The hrefs of this version that would answer 404 or 410, or name no part of it, were it
    published at `now` (aware)."""
    links, own = links_of(version.body), ids(version)
    alive = _alive({link.path for link in links}, now, instead=version)

    def leads_somewhere(link: Link) -> bool:
        is_own = link.path in {"", version.path}
        return link.fragment in own if is_own else link.path in alive

    return [link.href for link in links if not leads_somewhere(link)]


def that_would_break(page: Page, version: Described | None, *, now: datetime) -> list[BrokenLink]:
    """The links on other live pages that would lead nowhere once `page` shows `version`, or with
    None is withdrawn. An address that it leaves goes on leading to it."""
    addresses = set(page.addresses.values_list("path", flat=True))
    addresses |= {version.path} if version else set()
    there = ids(version) if version else set()
    return [
        BrokenLink(live.version.title, live.version.path, link.href)
        for live in Publication.objects.live(now).exclude(page=page).order_by("version__title")
        for link in links_of(live.version.body)
        if _with_slash(link.path) in addresses and link.fragment not in there
    ]


def lost_with(page: Page, *, now: datetime) -> list[str]:
    """What else changes on the site when the page of a solicitor is withdrawn, in sentences;
    nothing for other pages, nor for one that is not live."""
    people = {live.page_id: live.version for live in Publication.objects.live(now).people()}
    if page.pk not in people:
        return []
    name = people[page.pk].title
    guides = [live.version for live in Publication.objects.live(now).guides()]
    written = [guide for guide in guides if guide.author_id == page.pk]
    reviewed = [guide for guide in guides if guide.reviewed_by_id == page.pk]
    return [
        *(f"“{guide.title}” loses its by-line and its author box." for guide in written),
        *(f"“{guide.title}” still says when it was reviewed, but no longer by whom." for guide in reviewed),
        f"The index of people no longer shows {name}."
        if len(people) > 1
        else f"The index of people is empty: {name} is the only one on it.",
    ]


def _within(href: str) -> Link | None:
    """The link, if it leads to this site; with the site's own address before it, it does too."""
    href_here = href.removeprefix(settings.SITE_URL)
    if not href_here.startswith(("/", "#")):
        return None
    parts = urlsplit(href_here)
    return Link(href, unquote(parts.path), unquote(parts.fragment))


def _alive(paths: Iterable[str], now: datetime, *, instead: Described) -> set[str]:
    """Those of the paths that answer with a page or lead to one, were `instead` the live version of
    its page. Pictures and static files are not judged."""
    found = {path: match for path in paths if (match := _match(path))}
    of_pages = {path: match for path, match in found.items() if match.view_name in Kind}
    fixed = {path for path, match in found.items() if not match.kwargs}
    files = {path for path in paths if path.startswith(_FILES)}
    return fixed | files | _alive_pages(of_pages, now, instead)


def _alive_pages(paths: Mapping[str, ResolverMatch], now: datetime, instead: Described) -> set[str]:
    """Those at which a page was live once that is live still: see `views.at_its_address`."""
    slugs = {match.kwargs["slug"] for match in paths.values()}
    begun = Publication.objects.begun(now).order_by().filter(version__slug__in=slugs)
    once_at = {
        f"{FOLDERS[Kind(kind)]}{slug}/": page
        for page, kind, slug in begun.values_list("page", "version__kind", "version__slug").distinct()
    }
    live = set(Publication.objects.live(now).filter(page__in=once_at.values()).values_list("page", flat=True))
    live.add(instead.id)  # type: ignore[attr-defined]
    return {path for path in paths if once_at.get(_with_slash(path)) in live}


def _match(path: str) -> ResolverMatch | None:
    """What answers there, perhaps after a slash has been put to its end, as Django does."""
    for tried in (path, _with_slash(path)):
        with suppress(Resolver404):
            return resolve(tried)
    return None


def _with_slash(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"
