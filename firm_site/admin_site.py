"""The staff site: Django's admin under the firm's name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override

from firm_site.sessions import is_whole

# What the admin needs beyond what visitors are sent: a nonce for the import map of the editor and
# the admin's own few styles; and where the editor is, the one style that it injects.
EDITOR_STYLE = "sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA="
STAFF_CSP: dict[str, Any] = settings.SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "connect-src": [CSP.SELF],  # what is saved while it is typed
    "frame-src": [CSP.SELF],  # the preview of a page
}
EDITOR_CSP = STAFF_CSP | {"style-src": [CSP.SELF, CSP.NONCE, f"'{EDITOR_STYLE}'"]}

# Addresses of Django's admin that this site has no use for: the first leads whoever is logged in from the
# number of any row to its public page, a visitor's own among them; the second searches for fields that
# are nowhere here.
UNUSED = {"view_on_site", "autocomplete"}


@dataclass(frozen=True)
class FrontPart:
    """A part of the front page of whoever has no other: for whom, how it is drawn, what it reads, and
    where it stands among the others."""

    permission: str
    template: str
    read: Callable[[HttpRequest], dict[str, Any]]
    place: int


class StaffSite(AdminSite):
    site_title = "Cosmetic Surgery Solicitors"
    site_header = "Callback desk"
    index_title = "Work"
    site_url = "/"
    enable_nav_sidebar = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The apps' own front pages, each for whoever has a permission; the first that fits is shown.
        self.fronts: list[tuple[str, Callable[[HttpRequest], HttpResponse]]] = []
        # And what the others find on theirs.
        self.front_parts: list[FrontPart] = []

    def get_urls(self) -> list[Any]:
        from firm_site import login  # which draws its pages by this very site

        steps = [
            path("login/code/", login.ask_code, name="login_code"),
            path("login/enrol/", login.ask_enrolment_code, name="login_enrol"),
            path("login/authenticator/", login.set_up_authenticator, name="login_authenticator"),
            path("second-factor/", self.admin_view(login.show_second_factor), name="second_factor"),
        ]
        return steps + [each for each in super().get_urls() if getattr(each, "name", None) not in UNUSED]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from firm_site import login

        return login.ask_password(request)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether a member of staff asks, in a session that began with the second factor."""
        return super().has_permission(request) and is_whole(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        for permission, front in self.fronts:
            if request.user.has_perm(permission):
                return front(request)
        mine = [part for part in self.front_parts if request.user.has_perm(part.permission)]
        parts = [(part.template, part.read(request)) for part in sorted(mine, key=lambda part: part.place)]
        return super().index(request, {"parts": parts} | (extra_context or {}))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every view of the staff site goes out under its own policy, that of its admin class if it has one
        (`csp`). Whose session has ended comes back, from a button, to the page that it stood on: the
        address of a button cannot be looked at."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            leaves = request.path == reverse("admin:logout")
            if request.method != "POST" or leaves or self.has_permission(request):
                return inner(request, *args, **kwargs)
            if "X-CSRFToken" not in request.headers:  # what is saved while it is typed tells by itself
                messages.warning(
                    request, "You were logged out, so your last press was not done. Do it again."
                )
            return redirect_to_login(_came_from(request), reverse("admin:login"))

        policy = getattr(getattr(view, "__self__", None), "csp", STAFF_CSP)
        return csp_override(policy)(guarded)


def _came_from(request: HttpRequest) -> str:
    """The path of the staff page that a form stood on; the front page where that is not known."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # such as http://[
        return reverse("admin:index")
    is_ours = came_from.netloc == request.get_host() and came_from.path.startswith(reverse("admin:index"))
    return came_from.path if is_ours and came_from.path != request.path else reverse("admin:index")
