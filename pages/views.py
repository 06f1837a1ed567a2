"""What visitors read. Every page is a publication that is live now, at its own address."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone

from firm_site.errors import error_page
from firm_site.reading import only_read
from pages import body
from pages.models import Described, Publication
from pages.shown_pictures import shown_pictures
from pages.structured_data import article, breadcrumbs, canonical, graph, person

type PageView = Callable[[HttpRequest, Publication, datetime], HttpResponse]


def at_its_address(view: PageView) -> Callable[..., HttpResponse]:
    """Hand the view what is live at the request's path. A path that the page has left leads to
    where it is now; a withdrawn page is gone; what was never live is not found."""

    @only_read
    @wraps(view)
    def answer(request: HttpRequest, slug: str) -> HttpResponse:
        now, path = timezone.now(), request.path_info
        of_page = Publication.objects.at(path).select_related("version")
        newest = of_page.newest(now).first()
        if newest and newest.version and newest.version.path == path:
            return view(request, newest, now)
        if not of_page.filter(live_from__lte=now, version__slug=slug).exists():
            raise Http404
        if newest and newest.version:
            return HttpResponsePermanentRedirect(newest.version.path)
        return error_page(request, 410)

    return answer


@only_read
def guides(request: HttpRequest) -> HttpResponse:
    """The index of guides."""
    return render(request, "pages/guides.html", {"guides": live_guides(timezone.now())})


@only_read
def people(request: HttpRequest) -> HttpResponse:
    """The team."""
    return render(request, "pages/people.html", {"people": live_people(timezone.now())})


@at_its_address
def guide(request: HttpRequest, publication: Publication, now: datetime) -> HttpResponse:
    """A guide, with those of its author and reviewer whose profiles are live at this moment."""
    page = publication.version
    by_lines = Publication.objects.live(now).filter(page__in=[page.author_id, page.reviewed_by_id])
    people = {live.page_id: live.version for live in by_lines}
    author, published = people.get(page.author_id), publication.first_live_from()
    data = article(page, author, published=published, updated=publication.live_from)
    by_line = [author] if author else []
    context = _shown(publication, data, breadcrumbs("Guides", "/guides/", page), people=by_line) | {
        "author": author,
        "reviewer": people.get(page.reviewed_by_id),
        "published": published,
    }
    return render(request, "pages/guide.html", context)


@at_its_address
def profile(request: HttpRequest, publication: Publication, now: datetime) -> HttpResponse:
    """A solicitor, and the live guides written by them."""
    page = publication.version
    written = Publication.objects.live(now).guides().filter(version__author=publication.page_id)
    crumbs = breadcrumbs("People", "/people/", page)
    context = _shown(publication, person(page), crumbs, people=[page]) | {
        "guides": [live.version for live in written],
    }
    return render(request, "pages/profile.html", context)


@at_its_address
def standard(request: HttpRequest, publication: Publication, _now: datetime) -> HttpResponse:
    """One of the five pages that every such site has."""
    template = "contact" if publication.version.slug == "contact" else "standard"
    return render(request, f"pages/{template}.html", _shown(publication))


def live_guides(now: datetime) -> list[Any]:
    """The live version of every guide, by title."""
    return [live.version for live in Publication.objects.live(now).guides()]


def live_people(now: datetime) -> list[Any]:
    """The live version of every profile, by name."""
    people = [live.version for live in Publication.objects.live(now).people()]
    shown_pictures(people=people)
    return people


def _shown(
    publication: Publication, *data: dict[str, Any], people: Sequence[Described] = ()
) -> dict[str, Any]:
    """What every page's template is given; `data` is what search engines read about it, `people`
    those whose portraits stand on it."""
    page = publication.version
    return {
        "page": page,
        "path": page.path,
        "body": body.render(page.body, shown_pictures(page.body, people)),
        "canonical": canonical(page.path),
        "updated": publication.live_from,
        "version_number": publication.version_id,
        "structured_data": graph(*data) if data else "",
    }
