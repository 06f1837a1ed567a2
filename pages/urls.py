"""Addresses of what visitors read."""

from django.urls import path, re_path

from firm_site.page_cache import for_everyone
from firm_site.reading import only_read
from pages import picture_views, search_engines, views
from pages.models import STANDARD_SLUGS

urlpatterns = [
    path("guides/", views.guides, name="guides"),
    path("guides/<slug:slug>/", views.guide, name="guide"),
    path("people/", views.people, name="people"),
    path("people/<slug:slug>/", views.profile, name="profile"),
    re_path(rf"^(?P<slug>{'|'.join(STANDARD_SLUGS)})/$", views.standard, name="standard"),
    path("search/", views.search, name="search"),
    path("preview/<str:token>/", views.show_preview, name="preview"),
    re_path(r"^img/(?P<name>[0-9a-f]{32})\.(?P<extension>jpg|webp)$", picture_views.picture_file),
    path("sitemap.xml", search_engines.sitemap, name="sitemap"),
    path("robots.txt", search_engines.robots, name="robots"),
    path("feed/", for_everyone(only_read(search_engines.GuidesFeed())), name="feed"),
    path("favicon.ico", search_engines.favicon, name="favicon"),
    path(".well-known/security.txt", search_engines.security_contact, name="security_contact"),
]
