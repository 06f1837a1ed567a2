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

from firm_site.details import details
from firm_site.models import FirmDetails
from firm_site.reading import only_read
from pages.models import Publication
from pages.structured_data import canonical

type Entry = tuple[str, datetime | None]

SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@only_read
def sitemap(_request: HttpRequest) -> HttpResponse:
    """The front page, the indexes and every live page; a page with the moment it last changed."""
    entries: list[Entry] = [("/", None), ("/guides/", None), ("/people/", None)]
    for publication in Publication.objects.live(timezone.now()).order_by("page_id"):
        entries.append((publication.version.path, publication.live_from))
    return HttpResponse(_as_sitemap(entries), content_type="application/xml")


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


@only_read
def robots(_request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but the staff site."""
    lines = ["User-agent: *", "Disallow: /admin/", f"Sitemap: {canonical('/sitemap.xml')}"]
    return _plain(lines)


@only_read
def favicon(_request: HttpRequest) -> HttpResponse:
    """Where browsers look unasked; the pages name the icon with its own address."""
    return HttpResponseRedirect(static("icons/favicon.ico"))


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


class GuidesFeed(Feed):
    """The live guides, newest first, for feed readers."""

    feed_type = Atom1Feed
    title = f"Guides by {FirmDetails.name}"
    subtitle = "For people harmed by cosmetic procedures."
    author_name = FirmDetails.name
    item_author_name = FirmDetails.name

    def link(self) -> str:
        return canonical("/guides/")

    def feed_url(self) -> str:
        return canonical("/feed/")

    def items(self) -> list[Publication]:
        return list(Publication.objects.live(timezone.now()).guides().order_by("-live_from"))

    def item_title(self, item: Publication) -> str:
        return item.version.title

    def item_description(self, item: Publication) -> str:
        return item.version.summary

    def item_link(self, item: Publication) -> str:
        return canonical(item.version.path)

    def item_updateddate(self, item: Publication) -> datetime:
        return item.live_from
