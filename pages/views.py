"""What visitors read. Every page is a publication that is live now, at its own address."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from firm_site.addresses import canonical
from firm_site.badge import carries_the_badge
from firm_site.details import details
from firm_site.errors import error_page
from firm_site.page_cache import for_everyone
from firm_site.reading import only_read
from pages import body, preview
from pages.models import Kind, Publication
from pages.search import find
from pages.shown_pictures import Pictures, shown_pictures
from pages.structured_data import article, breadcrumbs, graph, office, person

type PageView = Callable[[HttpRequest, Publication, datetime], HttpResponse]

FRAMED_CSP = settings.SECURE_CSP | {"frame-ancestors": [CSP.SELF]}


def at_its_address(view: PageView) -> Callable[..., HttpResponse]:
    """Hand the view what is live at the request's path. A path that the page has left leads to
    where it is now; a withdrawn page is gone; what was never live is not found."""

    @for_everyone
    @only_read
    @carries_the_badge
    @wraps(view)
    def answer(request: HttpRequest, slug: str) -> HttpResponse:
        now, path = timezone.now(), request.path_info
        of_page = Publication.objects.standing().at(path).select_related("version")
        newest = of_page.newest(now).first()
        if newest and newest.version and newest.version.path == path:
            return view(request, newest, now)
        if not of_page.filter(live_from__lte=now, version__slug=slug).exists():
            raise Http404
        if newest and newest.version:
            return HttpResponsePermanentRedirect(newest.version.path)
        return error_page(request, 410)

    return answer


@for_everyone
@only_read
@carries_the_badge
def guides(request: HttpRequest) -> HttpResponse:
    """The index of guides."""
    context = {"guides": live_guides(timezone.now()), "canonical": canonical("/guides/")}
    return render(request, "pages/guides.html", context)


@for_everyone
@only_read
@carries_the_badge
def people(request: HttpRequest) -> HttpResponse:
    """The team."""
    context = {"people": live_people(timezone.now()), "canonical": canonical("/people/")}
    return render(request, "pages/people.html", context)


@only_read
def search(request: HttpRequest) -> HttpResponse:
    """The guides in which `q` stands, and every guide where there are none; without it, the form."""
    now = timezone.now()
    result = find(request.GET.get("q", ""), now=now)
    context: dict[str, Any] = {"result": result, "canonical": "" if result.asked else canonical("/search/")}
    if not result.hits:
        context["guides"] = live_guides(now)
    return render(request, "pages/search.html", context)


def show_guide(request: HttpRequest, publication: Publication, now: datetime) -> HttpResponse:
    """A guide, with those of its author and reviewer whose profiles are live at this moment."""
    page = publication.version
    by_lines = Publication.objects.live(now).filter(page__in=[page.author_id, page.reviewed_by_id])
    people = {live.page_id: live.version for live in by_lines}
    known: dict[str, Any] = {
        "author": people.get(page.author_id),
        "reviewer": people.get(page.reviewed_by_id),
        "published": publication.first_live_from(),
    }
    pictures = shown_pictures(page.body, people.values())
    data = article(page, updated=publication.live_from, **known)
    crumbs = breadcrumbs("Guides", "/guides/", page)
    context = _shown(publication, data, crumbs, pictures=pictures) | known
    context["changes"] = publication.changes_told()
    return render(request, "pages/guide.html", context)


def show_profile(request: HttpRequest, publication: Publication, now: datetime) -> HttpResponse:
    """A solicitor, and the live guides written by them."""
    page = publication.version
    written = Publication.objects.live(now).guides().filter(version__author=publication.page_id)
    pictures = shown_pictures(page.body, [page])
    crumbs = breadcrumbs("People", "/people/", page)
    context = _shown(publication, person(page), crumbs, pictures=pictures)
    context["guides"] = [live.version for live in written]
    return render(request, "pages/profile.html", context)


def show_standard(request: HttpRequest, publication: Publication, _now: datetime) -> HttpResponse:
    """One of the five pages that every such site has."""
    if publication.version.slug != "contact":
        return render(request, "pages/standard.html", _shown(publication))
    firm = details.now()
    return render(request, "pages/contact.html", _shown(publication, *office(firm)) | {"firm": firm})


SHOW: dict[str, PageView] = {
    Kind.GUIDE: show_guide,
    Kind.PROFILE: show_profile,
    Kind.STANDARD: show_standard,
}
guide, profile, standard = (at_its_address(view) for view in SHOW.values())


@only_read
@xframe_options_sameorigin
@csp_override(FRAMED_CSP)
def show_preview(request: HttpRequest, token: str) -> HttpResponse:
    """A saved version as it will be, for whoever has the link; in a frame of ours, or with a bar that
    says what it is."""
    try:
        version = preview.version_of(token)
    except preview.Expired:
        response = render(request, "pages/preview_expired.html", status=410)
    else:
        response = _preview_of(version, request)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _preview_of(version: Any, request: HttpRequest) -> HttpResponse:
    """The page as visitors would read it, were this version live. Raises Http404 for none."""
    if version is None:
        raise Http404
    now, show = timezone.now(), SHOW[version.kind]
    request.is_preview = "frame" not in request.GET  # type: ignore[attr-defined]
    return show(request, Publication(page_id=version.id, version=version, live_from=now), now)


def live_guides(now: datetime) -> list[Any]:
    """The live version of every guide, by title."""
    return [live.version for live in Publication.objects.live(now).guides()]


def live_people(now: datetime) -> list[Any]:
    """The live version of every profile, by name."""
    people = [live.version for live in Publication.objects.live(now).people()]
    shown_pictures(people=people)
    return people


def _shown(
    publication: Publication, *data: dict[str, Any], pictures: Pictures | None = None
) -> dict[str, Any]:
    """What every page's template is given; `data` is what search engines read about it, `pictures`
    those in its body, if they have been found already."""
    page = publication.version
    return {
        "page": page,
        "path": page.path,
        "body": body.render(page.body, shown_pictures(page.body) if pictures is None else pictures),
        "canonical": canonical(page.path),
        "updated": publication.live_from,
        "version_number": publication.version_id,
        "structured_data": graph(*data),
    }
