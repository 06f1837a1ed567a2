"""Where partners write pages. Until drafts arrive, saving a page publishes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import CharField, QuerySet
from django.forms.models import ModelChoiceField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from pages.actions.publishing import publish
from pages.admin.picture import ShowsPictures
from pages.body import clean, links_to_nowhere
from pages.models import Kind, Page

_DAY = "j F Y"
_AT_ONCE = "Saving publishes the page: visitors read what you wrote at once."
_WORDS = (None, {"fields": ["title", "summary", "body"], "description": _AT_ONCE})
_GUIDE = {"fields": ["topic", "author", ("reviewed_by", "reviewed_on", "review_due")]}
_PERSON = {
    "fields": ["portrait", "role", "known_as", "expertise", "qualifications", "sra_id", "short_biography"]
}
_ADDRESS = ("Address", {"fields": ["slug"], "classes": ["collapse"]})

FIELDSETS: dict[str, Any] = {
    Kind.GUIDE: [_WORDS, ("Author and review", _GUIDE), _ADDRESS],
    Kind.PROFILE: [_WORDS, ("The solicitor", _PERSON), _ADDRESS],
    Kind.STANDARD: [_WORDS],
}
NEW_PAGE: Any = [
    (None, {"fields": ["kind", "title", "slug", "summary", "body"], "description": _AT_ONCE}),
    ("Only for a guide", _GUIDE),
    ("Only for a solicitor", _PERSON),
]


class PageForm(forms.ModelForm):
    def clean_summary(self) -> str:
        """One line, however many the field has room for."""
        return " ".join(self.cleaned_data["summary"].split())

    def clean_body(self) -> str:
        """Name a link that the grammar would take out without a word."""
        if lost := links_to_nowhere(self.cleaned_data["body"]):
            raise forms.ValidationError(
                f"This link leads nowhere: “{lost[0]}”. Begin it with https://, mailto:, tel: "
                "(no spaces in the number), or / for a page of this site."
            )
        if not (body := clean(self.cleaned_data["body"])):
            raise forms.ValidationError("Write something here: a page is never empty.")
        return body

    def clean(self) -> dict[str, Any]:
        """An address of another page, now or once, goes on leading there."""
        fields = super().clean() or {}
        if "slug" in fields and (kind := fields.get("kind", self.instance.kind)):
            path = Page(kind=kind, slug=fields["slug"]).path
            others = Page.objects.exclude(pk=self.instance.pk)
            named = others.filter(kind=kind, slug=fields["slug"])
            if others.filter(addresses__path=path).exists() or named.exists():
                self.add_error("slug", f"{path} leads to another page: choose another address.")
        return fields


@admin.register(Page)
class PageAdmin(ShowsPictures):
    form = PageForm
    list_display = ["title", "kind", "review", "last_saved"]
    list_filter = ["kind"]
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = ""
    search_fields = ["title", "summary", "body"]
    ordering = ["kind", "title"]
    actions = None
    radio_fields = {"kind": admin.HORIZONTAL}
    formfield_overrides = {CharField: {"widget": AdminTextInputWidget({"class": "vLargeTextField"})}}

    class Media:
        css = {"all": ["staff-editor.css"]}
        js = ["staff-editor.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        pages = Page.objects.with_last_saved().select_related("reviewed_by")
        return pages.order_by(*self.get_ordering(request))

    def get_fieldsets(self, request: HttpRequest, obj: Page | None = None) -> Any:
        return FIELDSETS[obj.kind] if obj else NEW_PAGE

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Page | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["title"]}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"kind": Kind.GUIDE}

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":  # the five standard pages are there from the start
            kwargs["choices"] = [(kind.value, kind.label) for kind in (Kind.GUIDE, Kind.PROFILE)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A summary is seen whole. A solicitor is chosen here and written elsewhere: no icons."""
        if db_field.name == "summary":
            kwargs["widget"] = AdminTextareaWidget({"rows": 2})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, ModelChoiceField):
            field.widget = field.widget.widget
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perm("pages.publish_page")

    def has_change_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        may_change = super().has_change_permission(request, obj)
        return may_change and request.user.has_perm("pages.publish_page")

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        return False  # what was published stays on record

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        """Save and publish; the admin's own transaction holds both."""
        super().save_model(request, obj, form, change)
        publish(page=obj, by=request.user, now=timezone.now())  # type: ignore[arg-type]

    def view_on_site(self, obj: Page) -> str:
        return obj.path

    @admin.display(description="Review")
    def review(self, page: Page) -> str:
        if page.kind != Kind.GUIDE:
            return ""
        if page.reviewed_on is None or page.review_due is None:
            return "not yet reviewed"
        return (
            f"by {page.reviewed_by} on {date_format(page.reviewed_on, _DAY)}, "
            f"next by {date_format(page.review_due, _DAY)}"
        )

    @admin.display(description="Last saved", ordering="saved_at")
    def last_saved(self, page: Page) -> str:
        saved_at: datetime = page.saved_at  # type: ignore[attr-defined]
        saved_by: str | None = page.saved_by  # type: ignore[attr-defined]
        when = date_format(timezone.localtime(saved_at), f"{_DAY}, H:i")
        return f"{when} by {saved_by}" if saved_by else when
