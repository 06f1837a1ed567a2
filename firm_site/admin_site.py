"""The staff site: Django's admin under the firm's name."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override

# What the admin needs beyond what visitors are sent: a nonce for the import map of the editor and
# the admin's own few styles, and the one style that the editor injects.
EDITOR_STYLE = "sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA="
STAFF_CSP: dict[str, Any] = settings.SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE, f"'{EDITOR_STYLE}'"],
}

# Addresses of Django's admin that this site has no use for: the first leads whoever is logged in from the
# number of any row to its public page, a visitor's own among them; the second searches for fields that
# are nowhere here.
UNUSED = {"view_on_site", "autocomplete"}


class LoginForm(AdminAuthenticationForm):
    username = UsernameField(label="Name", widget=forms.TextInput({"autofocus": True}))

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "That name and password do not go together. Check both; capital letters count."
    }


class StaffSite(AdminSite):
    login_form = LoginForm
    site_title = "Cosmetic Surgery Solicitors"
    site_header = "Callback desk"
    index_title = "Work"
    site_url = "/"
    enable_nav_sidebar = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The apps' own front pages, each for whoever has a permission; the first that fits is shown.
        self.fronts: list[tuple[str, Callable[[HttpRequest], HttpResponse]]] = []

    def get_urls(self) -> list[Any]:
        return [each for each in super().get_urls() if getattr(each, "name", None) not in UNUSED]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        for permission, front in self.fronts:
            if request.user.has_perm(permission):
                return front(request)
        return super().index(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every view of the staff site goes out under its own policy."""
        return csp_override(STAFF_CSP)(super().admin_view(view, cacheable))
