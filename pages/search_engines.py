"""Files for programs that read the site: sitemap, robots, feed, icon and security contact."""

from datetime import datetime, timedelta
from io import StringIO
from xml.sax.xmlreader import AttributesImpl

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator

from firm_site import words
from firm_site.addresses import canonical
from firm_site.details import details
from firm_site.models import FirmDetails
from firm_site.page_cache import for_everyone
from firm_site.reading import only_read
from pages.models import Kind, Publication

type Entry = tuple[str, datetime | None]

SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@for_everyone
@only_read
def sitemap(_request: HttpRequest) -> HttpResponse:
    """The front page, the indexes and every live page, each with the moment it last changed: a list
    changes with what it lists, and when something leaves it."""
    read = ["page__kind", "version__kind", "version__slug", "live_from"]
    newest = Publication.objects.newest(timezone.now()).select_related("page", "version")
    publications = list(newest.only("page", "version", *read).order_by("page_id"))
    entries = [
        ("/", _last_change(publications, Kind.GUIDE, Kind.PROFILE)),
        ("/guides/", _last_change(publications, Kind.GUIDE)),
        ("/people/", _last_change(publications, Kind.PROFILE)),
    ]
    entries += [(each.version.path, each.live_from) for each in publications if each.version]
    return HttpResponse(_as_sitemap(entries), content_type="application/xml")


def _last_change(publications: list[Publication], *kinds: Kind) -> datetime | None:
    """When a page of these kinds was last published or withdrawn; None if none ever was."""
    return max((each.live_from for each in publications if each.page.kind in kinds), default=None)


def _as_sitemap(entries: list[Entry]) -> str:
    """The sitemaps.org document for pairs of a path and, where it is known, its last change."""
    text = StringIO()
    xml = SimplerXMLGenerator(text, "utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("urlset", AttributesImpl({"xmlns": SITEMAP_NAMESPACE}))
    for path, changed in entries:
        xml.startElement("url", AttributesImpl({}))
        xml.addQuickElement("loc", canonical(path))
        if changed:
            xml.addQuickElement("lastmod", changed.isoformat(timespec="seconds"))
        xml.endElement("url")
    xml.endElement("urlset")
    return text.getvalue()


@for_everyone
@only_read
def robots(_request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but the staff site, drafts and what people searched for."""
    closed = [f"Disallow: {path}" for path in ("/admin/", "/preview/", "/search/")]
    return _plain(["User-agent: *", *closed, f"Sitemap: {canonical('/sitemap.xml')}"])


@only_read
def favicon(_request: HttpRequest) -> HttpResponse:
    """Where browsers look unasked; the pages name the icon with its own address."""
    return HttpResponseRedirect(static("icons/favicon.ico"))


@for_everyone
@only_read
def security_contact(_request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116: Contact and Expires are required, Expires less than a
    year ahead)."""
    email = details.now().email
    expires = (timezone.now() + timedelta(days=180)).replace(hour=0, minute=0, second=0)
    return _plain(
        [
            f"Contact: {f'mailto:{email}' if email else canonical('/contact/')}",
            f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
            "Preferred-Languages: en",
            f"Canonical: {canonical('/.well-known/security.txt')}",
        ]
    )


def _plain(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


type FeedItem = tuple[Publication, str]


class GuidesFeed(Feed):
    """The live guides, newest first, for feed readers. An item is a publication and its author's name.
    Of an unreadable character nothing is left: XML has none for it."""

    feed_type = Atom1Feed
    title = f"Guides by {FirmDetails.name}"
    subtitle = "For people harmed by cosmetic procedures."
    author_name = FirmDetails.name

    def link(self) -> str:
        return canonical("/guides/")

    def feed_url(self) -> str:
        return canonical("/feed/")

    def items(self) -> list[FeedItem]:
        live = Publication.objects.live(timezone.now())
        names = {person.page_id: person.version.title for person in live.people()}
        newest_first = live.guides().order_by("-live_from", "-pk")
        return [(guide, names.get(guide.version.author_id, FirmDetails.name)) for guide in newest_first]

    def item_title(self, item: FeedItem) -> str:
        return words.line(item[0].version.title)

    def item_description(self, item: FeedItem) -> str:
        return words.line(item[0].version.summary)

    def item_link(self, item: FeedItem) -> str:
        return canonical(item[0].version.path)

    def item_guid(self, item: FeedItem) -> str:
        """The same for ever, though the guide may move (RFC 4287, 4.2.6)."""
        return f"{canonical('/guides/')}#{item[0].page_id}"

    def item_author_name(self, item: FeedItem) -> str:
        return words.line(item[1])

    def item_updateddate(self, item: FeedItem) -> datetime:
        return item[0].live_from
