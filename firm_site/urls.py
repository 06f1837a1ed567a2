"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from firm_site.views import home

urlpatterns = [
    path("", home, name="home"),
    path("admin/", admin.site.urls),
    path("", include("callbacks.urls")),
    path("", include("pages.urls")),
]

handler400 = "firm_site.errors.bad_request"
handler403 = "firm_site.errors.forbidden"
handler404 = "firm_site.errors.not_found"
handler500 = "firm_site.errors.server_error"
