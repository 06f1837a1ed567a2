"""The steps after writing: publish now or at a time, withdraw, put back, drop what is scheduled."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from firm_site.staff import member
from pages import links
from pages.actions import Refused, publishing
from pages.actions.publishing import Later
from pages.admin.front import PUBLISH
from pages.admin.london import LondonMoment, comes_twice
from pages.admin.standing import moment
from pages.checklist import findings
from pages.comparing import in_words
from pages.models import Kind, Page, Publication

NOW, AT = "now", "at"
CHANGE = "admin:pages_page_change"


class LaterForm(forms.Form):
    """What becomes of what is scheduled already; not asked where nothing is."""

    later = forms.ChoiceField(
        choices=Later.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what becomes of what is scheduled."},
    )

    def __init__(
        self, *args: Any, coming: list[Publication], withdrawing: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not coming:
            del self.fields["later"]
            return
        when = " and ".join(moment(each.live_from) for each in coming)
        self.fields["later"].label = f"A version is scheduled for {when}. What becomes of it?"
        if withdrawing:  # which nothing may stop
            self.fields["later"].required = False
            self.fields["later"].choices = [  # type: ignore[attr-defined]
                (Later.DROP, "Drop it: it never appears"),
                (Later.KEEP, "Keep it: the page comes back then"),
            ]

    @property
    def said(self) -> Later | None:
        """What becomes of it: dropped where nobody said; None where nobody need say."""
        if "later" not in self.cleaned_data:
            return None
        return Later(self.cleaned_data["later"] or Later.DROP)


class PublishForm(LaterForm):
    """When a version appears, and what is said of it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    # The publication that visitors read when this was asked, 0 for none: publish.html writes it.
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)
    when = forms.ChoiceField(
        choices=[(NOW, "Now"), (AT, "At a time, as the clock in London shows it")],
        widget=forms.RadioSelect,
        initial=NOW,
    )
    at = LondonMoment(label="Day and time", required=False)
    which = forms.ChoiceField(
        label="The clocks go back that night, and this time comes twice. Which of the two?",
        choices=[("first", "The first, in summer time"), ("second", "The second, an hour later")],
        widget=forms.RadioSelect,
        required=False,
    )
    change = Publication._meta.get_field("change").formfield()
    passed_because = forms.CharField(
        label="Why it may go out all the same",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="Kept on record with your name.",
    )
    field_order = ["version", "when", "at", "which", "later", "change", "passed_because"]

    def __init__(
        self,
        *args: Any,
        stops: list[str],
        kind: str,
        now: datetime,
        shown: Publication | None,
        coming: list[Publication],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, coming=coming, **kwargs)
        self.now, self.shown, self.coming = now, shown, coming
        self.asks_which = False
        self.fields["passed_because"].required = bool(stops)
        self.fields["passed_because"].error_messages["required"] = (
            "There are stops above: mend them, or write why it may go out all the same."
        )
        if not stops:
            del self.fields["passed_because"]
        if kind != Kind.GUIDE:
            del self.fields["change"]

    def clean(self) -> dict[str, Any]:
        """A time that is still to come, and the one that is meant; and what was read is still what it was."""
        given = super().clean() or {}
        self._heed_who_published(given)
        if given.get("when") == NOW:
            self.errors.pop("at", None)
        if given.get("when") != AT or "at" in self.errors:
            return given | {"at": None}
        at = given.get("at")
        if at is None:
            self.add_error("at", "Say when, as a day and a time.")
            return given
        if comes_twice(at):
            self.asks_which = True
            if not given.get("which"):
                self.add_error("which", "Choose one of the two.")
            given["at"] = at = at.replace(fold=int(given.get("which") == "second"))
        if at <= self.now:
            self.add_error("at", "That time has passed. Choose one to come, or “Now”.")
        if any(
            (each.version_id, each.live_from) == (given.get("version"), at.astimezone(UTC))
            for each in self.coming
        ):
            self.errors.pop("later", None)  # a second click: it is scheduled for then already
        return given

    def _heed_who_published(self, given: Mapping[str, Any]) -> None:
        """What somebody else published meanwhile is not undone unseen. A second click finds its own."""
        seen, shown = given.get("instead_of"), self.shown
        if seen is None or seen == (shown.pk if shown else 0):
            return
        if shown and shown.version_id != given.get("version"):
            self.add_error(
                None,
                f"{shown.by or 'Somebody'} has changed what visitors read since you opened this page. "
                "What would change now stands above: look at it, and press again.",
            )


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is to be published when, show what that changes, and do it."""
    user, now = member(request, PUBLISH), timezone.now()
    page = get_object_or_404(Page, pk=pk)
    version = _version(page, request)
    found = findings(version, now=now, today=timezone.localdate(now))
    coming = list(Publication.objects.scheduled(now).filter(page=page))
    shown = Publication.objects.begun(now).filter(page=page).select_related("version", "by").first()
    stops = [finding.code for finding in found if finding.is_stop]
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        shown=shown,
        coming=coming,
        stops=stops,
        kind=page.kind,
        now=now,
        initial={"version": version.pk},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = publishing.publish(
                page=page,
                by=user,
                now=now,
                version=version,
                live_from=given["at"],
                later=form.said,
                change=given.get("change", ""),
                passed=stops,
                passed_because=given.get("passed_because", ""),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _published(made, now))
            return redirect(CHANGE, pk)
    old = shown.version if shown else None
    context = {
        "title": f"Publish “{page.title}”",
        "page": page,
        "version": version,
        "is_newest": version.pk == page.history.latest("history_id").pk,
        "form": form,
        "shown": shown,
        "old": old,
        "changes": in_words(old, version),
        "found": found,
        "broken": links.that_would_break(page, version, now=now),
    }
    context = admin.site.each_context(request) | context
    return render(request, "admin/pages/publish.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what goes with the page, and take it off the site. Nothing stops that."""
    user, now = member(request, PUBLISH), timezone.now()
    page = get_object_or_404(Page, pk=pk)
    coming = list(Publication.objects.scheduled(now).filter(page=page))
    posted = request.POST if request.method == "POST" else None
    form = LaterForm(posted, coming=coming, withdrawing=True, initial={"later": Later.DROP})
    if request.method == "POST" and form.is_valid():
        return _done(
            request,
            page,
            lambda: publishing.withdraw(page=page, by=user, now=now, later=form.said),
            "Withdrawn. Its address tells visitors that it is gone.",
        )
    context = {
        "title": f"Withdraw “{page.title}”",
        "page": page,
        "form": form,
        "broken": links.that_would_break(page, None, now=now),
        "lost": links.lost_with(page, now=now),
    }
    return render(request, "admin/pages/withdraw.html", admin.site.each_context(request) | context)


@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Show visitors again what they read before."""
    user, page = member(request, PUBLISH), get_object_or_404(Page, pk=pk)
    publication = _publication(page, request)
    return _done(
        request,
        page,
        lambda: publishing.put_back(publication=publication, by=user, now=timezone.now()),
        "Put back. Visitors read again what they read before.",
    )


@require_POST
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop what is scheduled."""
    user, page = member(request, PUBLISH), get_object_or_404(Page, pk=pk)
    publication = _publication(page, request)
    return _done(
        request,
        page,
        lambda: publishing.unschedule(publication=publication, by=user, now=timezone.now()),
        "Dropped. It will not appear.",
    )


def _done(request: HttpRequest, page: Page, act: Callable[[], object], words: str) -> HttpResponse:
    """Do it, say so or why not, and go back to the page."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect(CHANGE, page.pk)


def _version(page: Page, request: HttpRequest) -> Any:
    """The version that was asked for, which is what was looked at; else the newest."""
    asked = request.POST.get("version") or request.GET.get("version")
    if not asked:
        return page.history.latest("history_id")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    return get_object_or_404(page.history, pk=asked)


def _publication(page: Page, request: HttpRequest) -> Publication:
    """The publication that the button named."""
    asked = request.POST.get("publication", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    return get_object_or_404(Publication, pk=asked, page=page)


def _published(made: Publication, now: datetime) -> str:
    """What is said afterwards."""
    if made.live_from > now:
        return f"Scheduled. Visitors read it from {moment(made.live_from)} on."
    return format_html('Published. <a href="{}">Look at it</a>.', made.version.path)
