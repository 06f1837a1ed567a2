"""The pages by which staff log in: a name and a password, then a code of the authenticator; the first time,
the enrolment code and a new authenticator."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from firm_site import second_factor, sessions, throttle
from firm_site.fresh_code import CodeField, FreshCode, code_refused
from firm_site.models import User
from firm_site.sessions import Half

type View = Callable[[HttpRequest], HttpResponse]

NOT_YOURS = "This enrolment code is not yours, or its 24 hours are over. Ask for a new one."


class PasswordForm(AdminAuthenticationForm):
    username = UsernameField(label="Name", max_length=150, widget=forms.TextInput({"autofocus": True}))

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "That name and password do not go together. Check both; capital letters count."
    }

    def clean(self) -> dict[str, Any]:
        request = cast(HttpRequest, self.request)
        with throttle.one_after_the_other(request, self.cleaned_data.get("username", "")):
            return super().clean()


class CodeForm(forms.Form):
    code = CodeField(label="Code", help_text="Six digits of your authenticator, or a recovery code.")


class EnrolmentForm(forms.Form):
    code = CodeField(label="Enrolment code")


class AuthenticatorForm(forms.Form):
    code = CodeField(label="The six digits it shows")


@sensitive_post_parameters()
@never_cache
def ask_password(request: HttpRequest) -> HttpResponse:
    """The name and the password. Right, they lead to the second step, and nowhere else."""
    if admin.site.has_permission(request):
        return HttpResponseRedirect(_next_of(request))
    form = PasswordForm(request, _posted(request))
    if form.is_bound and throttle.is_shut_out(request):
        return redirect("admin:login")
    if not form.is_valid():
        return _step(request, form, heading="Log in", button="Go on", next=_next_of(request))
    user = form.get_user()
    sessions.begin_half(request, user, _next_of(request), now=timezone.now())
    return redirect("admin:login_code" if second_factor.is_set_up(user) else "admin:login_enrol")


def after_the_password(step: Callable[[HttpRequest, User, Half], HttpResponse]) -> View:
    """Hand a step of the login who is on the way. Nobody is: back to the start, with a word to whoever took
    too long. Who was wrong too often may look at a step, and send nothing."""

    @sensitive_post_parameters()
    @never_cache
    @wraps(step)
    def answer(request: HttpRequest) -> HttpResponse:
        on_the_way = sessions.half_of(request, now=timezone.now())
        if on_the_way is None:
            return _from_the_start(request)
        if request.method == "POST" and throttle.is_shut_out(request, on_the_way[0].username):
            return redirect("admin:login")
        return step(request, *on_the_way)

    return answer


@after_the_password
def ask_code(request: HttpRequest, user: User, half: Half) -> HttpResponse:
    """The code of the authenticator, or a recovery code; a right one logs in."""
    form = CodeForm(_posted(request))
    if form.is_valid():
        if second_factor.is_right(user, form.cleaned_data["code"]):
            sessions.begin(request, user, now=timezone.now())
            return HttpResponseRedirect(half.next)
        _refuse(request, form, user)
    return _step(request, form, heading="The code", button="Log in", lead="admin/_code.html")


@after_the_password
def ask_enrolment_code(request: HttpRequest, user: User, half: Half) -> HttpResponse:
    """The code that came with the login; a right one leads to a new authenticator."""
    form = EnrolmentForm(_posted(request))
    if form.is_valid():
        if second_factor.may_enrol(user, form.cleaned_data["code"], now=timezone.now()):
            sessions.let_enrol(request)
            return redirect("admin:login_authenticator")
        throttle.count_wrong_code(request, user)
        form.add_error("code", NOT_YOURS)
    return _step(request, form, heading="Your second factor", button="Go on", lead="admin/_enrolment.html")


@after_the_password
def set_up_authenticator(request: HttpRequest, user: User, half: Half) -> HttpResponse:
    """A new authenticator, after a right enrolment code; its first right code logs in, and shows the recovery
    codes."""
    if not half.may_enrol or second_factor.is_set_up(user):
        return _from_the_start(request)
    form = AuthenticatorForm(_posted(request))
    if form.is_valid():
        if codes := second_factor.set_up(user, form.cleaned_data["code"]):
            sessions.begin(request, user, now=timezone.now())
            return show_recovery_codes(request, codes, half.next)
        _refuse(request, form, user)
    context = {"device": (device := second_factor.to_be_set_up(user)), "picture": second_factor.drawn(device)}
    context |= {"secret": second_factor.secret_in_words(device)}
    lead = "admin/_authenticator.html"
    return _step(request, form, heading="Your authenticator", button="Log in", lead=lead, **context)


@sensitive_post_parameters()
@never_cache
def show_second_factor(request: HttpRequest) -> HttpResponse:
    """For whoever is logged in: how many recovery codes are left, and ten new ones for a fresh code."""
    user = cast(User, request.user)
    form = FreshCode(_posted(request), user=user)
    if form.is_valid():
        return show_recovery_codes(request, second_factor.new_recovery_codes(user), reverse("admin:index"))
    context = {"left": second_factor.recovery_codes_left(user), "lead": "admin/_second_factor.html"}
    return _step(request, form, heading="Your login", button="Make ten new codes", **context)


def show_recovery_codes(request: HttpRequest, codes: list[str], next: str) -> HttpResponse:
    """The recovery codes, this once."""
    context = {"title": "Recovery codes", "codes": codes, "next": next}
    return render(request, "admin/recovery_codes.html", admin.site.each_context(request) | context)


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent by a form's button, also when every field of it is empty."""
    return request.POST if request.method == "POST" else None


def _from_the_start(request: HttpRequest) -> HttpResponse:
    """To the name and the password, with a word to whoever had given theirs and took too long."""
    if sessions.half_is_over(request, now=timezone.now()):
        messages.warning(request, "That took more than ten minutes, or your login has changed. Begin again.")
    return redirect("admin:login")


def _refuse(request: HttpRequest, form: forms.Form, user: User) -> None:
    """Say what is wrong with the code, and count it."""
    throttle.count_wrong_code(request, user)
    form.add_error("code", code_refused(user, None) or "")


def _step(request: HttpRequest, form: forms.Form, *, heading: str, **context: Any) -> HttpResponse:
    """A step of the login: a heading, perhaps some words (`lead`), a form and a button."""
    found = admin.site.each_context(request) | {"title": heading, "form": form} | context
    return render(request, "admin/login.html", found, status=422 if form.errors else 200)


def _next_of(request: HttpRequest) -> str:
    """Where the login leads: a page of this site, else the staff's front page."""
    next = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        next, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return next if is_ours and next.startswith("/") else reverse("admin:index")
