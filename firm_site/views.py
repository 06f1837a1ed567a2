"""What joins the apps: the front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from firm_site.addresses import canonical
from firm_site.badge import carries_the_badge
from firm_site.details import details
from firm_site.page_cache import for_everyone
from firm_site.reading import only_read
from pages.structured_data import graph, office
from pages.views import live_guides, live_people


@for_everyone
@only_read
@carries_the_badge
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    now, firm = timezone.now(), details.now()
    context = {
        "guides": live_guides(now),
        "people": live_people(now),
        "firm": firm,
        "canonical": canonical("/"),
        "structured_data": graph(*office(firm)),
    }
    return render(request, "firm_site/home.html", context)
