"""Every version of a page: to look at, to compare, to take up again; and what the site said on a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from firm_site.staff import member
from pages import preview
from pages.actions import Refused, writing
from pages.admin.front import PUBLISH
from pages.admin.standing import moment
from pages.comparing import compare, in_words
from pages.models import Draft, Kind, Page, Publication

A_PAGE = 30
READ_AT_ONCE = 3_000_000  # characters of versions compared for one page of the list: some two seconds


@dataclass(frozen=True)
class Row:
    """A version: its place in the row of all, what it changed (None where that was not worked out), and
    when visitors read it."""

    version: Any
    number: int
    changes: list[str] | None
    times: list[str]
    before: Any
    preview: str


@require_safe
def show_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of a page, the newest first."""
    member(request, PUBLISH)
    page, now = get_object_or_404(Page, pk=pk), timezone.now()
    versions = page.history.select_related("history_user").order_by("-history_id")
    shown = Paginator(versions, A_PAGE).get_page(request.GET.get("p"))
    listed = list(versions[shown.start_index() - 1 : shown.end_index() + 1])
    many = shown.paginator.count
    times = times_of(page, now)
    pairs = _with_the_one_before(listed, len(shown))
    rows = [
        Row(
            version=version,
            number=many - shown.start_index() + 1 - place,
            changes=changes,
            times=times.get(version.pk, []),
            before=before,
            preview=preview.token(version),
        )
        for place, ((version, before), changes) in enumerate(zip(pairs, _told(pairs), strict=True))
    ]
    context = {
        "title": f"History of “{page.title}”",
        "page": page,
        "rows": rows,
        "pages": shown,
        "live": next((row.version for row in rows if any("now" in words for words in row.times)), None),
        "day_form": DayForm(),
    }
    return _shown(request, "history", context)


def _with_the_one_before(listed: Sequence[Any], many: int) -> list[tuple[Any, Any]]:
    return [
        (version, listed[place + 1] if place + 1 < len(listed) else None)
        for place, version in enumerate(listed[:many])
    ]


def _told(pairs: Sequence[tuple[Any, Any]]) -> Iterator[list[str] | None]:
    """What each version changed; None once more has been read for that than a page may wait for."""
    left = READ_AT_ONCE
    for version, before in pairs:
        is_read = before is not None and before.body != version.body
        if is_read:
            left -= len(before.body) + len(version.body)
        yield in_words(before, version) if left >= 0 or not is_read else None


def times_of(page: Page, now: datetime) -> dict[int, list[str]]:
    """By version, from when to when visitors read it, in words, as it stands `now` (aware)."""
    said: dict[int, list[str]] = {}
    begun = list(Publication.objects.begun(now).filter(page=page))[::-1]
    for place, each in enumerate(begun):
        if each.version_id is None:
            continue
        last = begun[place + 1].live_from if place + 1 < len(begun) else None
        if last == each.live_from:
            continue
        words = f"Live from {moment(each.live_from)} until {moment(last) if last else 'now'}"
        said.setdefault(each.version_id, []).append(words)
    for each in Publication.objects.scheduled(now).filter(page=page, version__isnull=False):
        said.setdefault(each.version_id, []).append(f"Scheduled for {moment(each.live_from)}")  # type: ignore[arg-type]
    return said


@require_safe
def show_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions of a page, word by word."""
    member(request, PUBLISH)
    page = get_object_or_404(Page, pk=pk)
    versions = page.history.select_related("history_user").order_by("-history_id")
    new = _named(versions, request.GET.get("new")) or versions[0]
    old = _named(versions, request.GET.get("old")) or versions.filter(pk__lt=new.pk).first() or new
    context = {
        "title": f"Compare versions of “{page.title}”",
        "page": page,
        "old": old,
        "new": new,
        "versions": versions[:200],
        "comparison": compare(old, new, names=names_of_people()),
    }
    return _shown(request, "compare", context)


def names_of_people() -> dict[int, str]:
    """The solicitors' names by the primary keys of their pages."""
    return dict(Page.objects.filter(kind=Kind.PROFILE).values_list("pk", "title"))


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up an old version as a new draft."""
    user, page = member(request, PUBLISH), get_object_or_404(Page, pk=pk)
    version = _named(page.history.all(), request.POST.get("version"))
    if version is None:
        raise Http404
    try:
        writing.restore(page=page, version=version, by=user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("admin:pages_page_history", pk)
    messages.success(
        request, f"This is again what was saved on {moment(version.history_date)}, as a new draft."
    )
    if Draft.objects.filter(page=page, by=user).exists():
        messages.warning(
            request, "The form below shows what you typed before: forget it to see that version."
        )
    return redirect("admin:pages_page_change", pk)


@require_safe
def show_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A version on a phone and on a laptop, and the link for a colleague."""
    member(request, PUBLISH)
    page = get_object_or_404(Page, pk=pk)
    version = _named(page.history.all(), request.GET.get("version")) or page.history.latest("history_id")
    address = reverse("preview", args=[preview.token(version)])
    context = {
        "title": f"Preview of “{version.title}”",
        "page": page,
        "version": version,
        "is_newest": version.pk == page.history.latest("history_id").pk,
        "frame": f"{address}?frame",
        "link": f"{settings.SITE_URL}{address}",
        "expires": timezone.now() + preview.LASTS,
    }
    return _shown(request, "preview", context)


class DayForm(forms.Form):
    """A day of which somebody asks what the site said."""

    day = forms.DateField(
        label="What did the site say on", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def clean_day(self) -> date:
        """A day that has begun in London."""
        if self.cleaned_data["day"] > timezone.localdate():
            raise forms.ValidationError("That day is still to come: choose today, or a day before.")
        return self.cleaned_data["day"]


@require_safe
def show_day(request: HttpRequest) -> HttpResponse:
    """What visitors read on a day, page by page, with what changed in the course of it."""
    member(request, PUBLISH)
    form = DayForm(request.GET or None)
    day = form.cleaned_data["day"] if form.is_valid() else None
    context = {
        "title": "What the site said",
        "form": form,
        "day": day,
        "said": said_on(day, timezone.now()) if day else [],
    }
    return _shown(request, "day", context)


def said_on(day: date, now: datetime) -> list[tuple[Page, list[tuple[str, Any, str]]]]:
    """Of each page that visitors could read on that day in London: since when, which version (None:
    withdrawn), and the token of its preview; in order of time."""
    begins = datetime.combine(day, time.min, timezone.get_default_timezone())
    ends = min(datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone()), now)
    of_day = Publication.objects.begun(ends).filter(live_from__gte=begins, live_from__lt=ends)
    before = Publication.objects.newest(begins)
    found: dict[Page, list[tuple[str, Any, str]]] = {}
    everything = (before | of_day).distinct() if begins <= now else before.none()
    for each in everything.select_related("page", "version").order_by("page__title", "live_from", "pk"):
        if each.live_from < begins and each.version is None:
            continue
        words = f"{'since' if each.live_from < begins else 'from'} {moment(each.live_from)}"
        at = preview.token(each.version) if each.version else ""
        found.setdefault(each.page, []).append((words, each.version, at))
    return list(found.items())


def _named(versions: Any, asked: str | None) -> Any:
    """The version with this number; None where none is named. Raises Http404 for one that is not there."""
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    return get_object_or_404(versions, pk=asked)


def _shown(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"admin/pages/{template}.html", admin.site.each_context(request) | context)
