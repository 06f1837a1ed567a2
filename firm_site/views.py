"""What joins the apps: the front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pages.views import live_guides, live_people


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    now = timezone.now()
    context = {"guides": live_guides(now), "people": live_people(now)}
    return render(request, "firm_site/home.html", context)
