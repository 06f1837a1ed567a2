"""What joins the apps: the front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from firm_site.reading import only_read
from pages.views import live_guides, live_people


@only_read
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    now = timezone.now()
    context = {"guides": live_guides(now), "people": live_people(now)}
    return render(request, "firm_site/home.html", context)
