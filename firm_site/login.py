"""The pages by which staff log in: a name and a password, then a code of the authenticator; the first time,
the enrolment code and a new authenticator."""

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
from firm_site.fresh_code import CodeField, code_refused
from firm_site.models import User
from firm_site.sessions import Half

NOT_YOURS = "This enrolment code is not yours, or its 24 hours are over. Ask for a new one."


class PasswordForm(AdminAuthenticationForm):
    username = UsernameField(label="Name", max_length=150, widget=forms.TextInput({"autofocus": True}))

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "That name and password do not go together. Check both; capital letters count."
    }


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


@sensitive_post_parameters()
@never_cache
def ask_code(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator, or a recovery code; a right one logs in."""
    on_the_way = sessions.half_of(request, now=timezone.now())
    if on_the_way is None:
        return _from_the_start(request)
    user, half = on_the_way
    form = CodeForm(_posted(request))
    if form.is_valid():
        if throttle.is_shut_out(request, user.username):
            return redirect("admin:login")
        if second_factor.is_right(user, form.cleaned_data["code"]):
            sessions.begin(request, user, now=timezone.now())
            return HttpResponseRedirect(half.next)
        _refuse(request, form, user)
    return _step(request, form, heading="The code", button="Log in", lead="admin/_code.html")


@sensitive_post_parameters()
@never_cache
def ask_enrolment_code(request: HttpRequest) -> HttpResponse:
    """The code that came with the login; a right one leads to a new authenticator."""
    on_the_way = sessions.half_of(request, now=timezone.now())
    if on_the_way is None:
        return _from_the_start(request)
    user, _ = on_the_way
    form = EnrolmentForm(_posted(request))
    if form.is_valid():
        if throttle.is_shut_out(request, user.username):
            return redirect("admin:login")
        if second_factor.may_enrol(user, form.cleaned_data["code"], now=timezone.now()):
            sessions.let_enrol(request)
            return redirect("admin:login_authenticator")
        throttle.count_wrong_code(request, user)
        form.add_error("code", NOT_YOURS)
    return _step(request, form, heading="Your second factor", button="Go on", lead="admin/_enrolment.html")


@sensitive_post_parameters()
@never_cache
def set_up_authenticator(request: HttpRequest) -> HttpResponse:
    """A new authenticator; its first right code logs in, and shows the recovery codes."""
    on_the_way = sessions.half_of(request, now=timezone.now())
    if on_the_way is None or not _may_set_up(*on_the_way):
        return _from_the_start(request)
    user, half = on_the_way
    form = AuthenticatorForm(_posted(request))
    if form.is_valid():
        if throttle.is_shut_out(request, user.username):
            return redirect("admin:login")
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
    form = CodeForm(_posted(request))
    if form.is_valid():
        if refused := code_refused(user, form.cleaned_data["code"]):
            form.add_error("code", refused)
        else:
            codes = second_factor.new_recovery_codes(user)
            return show_recovery_codes(request, codes, reverse("admin:index"))
    left = second_factor.recovery_codes_left(user)
    context = {"left": left, "lead": "admin/_second_factor.html"}
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


def _may_set_up(user: User, half: Half) -> bool:
    """Whether the enrolment code was right, and no authenticator has been set up since."""
    return half.may_enrol and not second_factor.is_set_up(user)


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
