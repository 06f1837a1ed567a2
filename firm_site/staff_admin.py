"""Where managers keep the desk's logins. Managers and partners come from `add_staff`, on the server only."""

from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from firm_site import second_factor, sessions
from firm_site.models import Enrolment, User
from firm_site.roles import DESK

admin.site.unregister(Group)  # what a group may do is written in roles.py, and nowhere else
admin.site.unregister([StaticDevice, TOTPDevice])  # whose secrets are nobody's business


@admin.register(User)
class StaffAdmin(UserAdmin):
    """The desk's logins: add, make inactive, give another password, unlock, take back the second factor."""

    add_form_template = "admin/change_form.html"
    change_form_template = "admin/firm_site/login_of_staff.html"
    add_form = UserCreationForm
    fieldsets = [(None, {"fields": ["username", "first_name", "last_name", "email", "is_active"]})]
    add_fieldsets = [
        (
            None,
            {"fields": ["username", "first_name", "last_name", "email", "password1", "password2"]},
        )
    ]
    list_display = ["username", "first_name", "last_name", "email", "is_active"]
    list_filter = []
    search_fields = []
    filter_horizontal = []
    actions = None

    def get_urls(self) -> list[Any]:
        verbs = {"unlock": self.unlock, "reset": self.reset}
        return [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(verb), name=f"firm_site_user_{name}")
            for name, verb in verbs.items()
        ] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Those of the desk, and of no other group: anybody else is not here to be touched."""
        others = User.objects.exclude(groups__name=DESK) | User.objects.filter(
            groups__in=Group.objects.exclude(name=DESK)
        )
        desk = User.objects.filter(is_superuser=False).exclude(pk__in=others.values("pk"))
        return desk.order_by("username")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"heading": "Desk staff"})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the time line names them: a login is made inactive instead

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """With how this person stands: whether they have a second factor, and whether they are shut out."""
        if person := context.get("original"):
            context |= {
                "is_set_up": second_factor.is_set_up(person),
                "enrolment": Enrolment.objects.filter(user=person, ends_at__gt=timezone.now()).first(),
                "is_shut_out": _is_shut_out(person),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new login is the desk's; the admin's own transaction holds both. One made inactive is logged out
        for good: made active again, it does not go on where it was."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
        if not change:
            obj.groups.set([Group.objects.get(name=DESK)])
        if not obj.is_active:
            sessions.end_all_of(obj)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: Any = None) -> HttpResponse:
        """The enrolment code of the new login, this once."""
        return self._show_enrolment_code(request, obj)

    @method_decorator(require_POST)
    def unlock(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget the wrong passwords and codes that were given under this person's name."""
        person = self._person(request, pk)
        reset(username=person.username)
        second_factor.forgive(person)
        self.log_change(request, person, "Unlocked.")
        messages.success(request, f"{person} is unlocked.")
        return redirect("admin:firm_site_user_change", person.pk)

    @method_decorator(require_POST)
    def reset(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back the second factor, log this person out, and show a new enrolment code."""
        person = self._person(request, pk)
        self.log_change(request, person, "Second factor taken back, new enrolment code given.")
        return self._show_enrolment_code(request, person)

    def _person(self, request: HttpRequest, pk: int) -> User:
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        return person

    def _show_enrolment_code(self, request: HttpRequest, person: User) -> HttpResponse:
        code = second_factor.new_enrolment(person, now=timezone.now())
        context = {"title": "Enrolment code", "person": person, "code": code}
        page = render(
            request, "admin/firm_site/enrolment_code.html", self.admin_site.each_context(request) | context
        )
        page["Cache-Control"] = "no-store"
        return page


def _is_shut_out(person: User) -> bool:
    """Whether somebody gave too many wrong passwords or codes under this name from one address."""
    lately = timezone.now() - settings.AXES_COOLOFF_TIME
    tries = AccessAttempt.objects.filter(username=person.username, attempt_time__gt=lately)
    by_address = tries.order_by().values("ip_address").annotate(wrong=Sum("failures_since_start"))
    guessed = by_address.filter(wrong__gte=settings.AXES_FAILURE_LIMIT).exists()
    return guessed or second_factor.waits_until(person) is not None
