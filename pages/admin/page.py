"""Where partners write pages. Saving makes a version that only they see; publishing is another step."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import CharField, QuerySet
from django.forms.models import ModelChoiceField
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format

from firm_site.admin_site import EDITOR_CSP
from pages.actions import writing
from pages.admin import drafts, publishing, versions
from pages.admin.form import PageForm
from pages.admin.panel import panel_of
from pages.admin.picture import ShowsPictures
from pages.admin.standing import DAY, moment, standing, with_standing
from pages.body import written_alike
from pages.models import Kind, Page

_WORDS = (None, {"fields": ["title", "summary", "body"]})
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
    (None, {"fields": ["kind", "title", "slug", "summary", "body"]}),
    ("Only for a guide", _GUIDE),
    ("Only for a solicitor", _PERSON),
]
AFTERWARDS = {"_preview": "admin:pages_page_preview", "_publish": "admin:pages_page_publish"}


@admin.register(Page)
class PageAdmin(ShowsPictures):
    csp = EDITOR_CSP
    form = PageForm
    list_display = ["title", "kind", "state", "review", "last_saved"]
    list_filter = ["kind"]
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = ""
    search_fields = ["title", "summary", "body"]
    ordering = ["kind", "title"]
    actions = None
    radio_fields = {"kind": admin.HORIZONTAL}
    formfield_overrides = {CharField: {"widget": AdminTextInputWidget({"class": "vLargeTextField"})}}

    class Media:
        css = {"all": ["staff-editor.css", "staff-pages.css"]}
        js = ["staff-editor.js", Script("staff-pages.js", defer=True)]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        ours: list[tuple[str, Any, str]] = [
            ("on/", versions.show_day, "on"),
            ("add/draft/", drafts.keep_new, "draft_new"),
            ("add/discard/", drafts.discard_new, "discard_new"),
            ("<int:pk>/draft/", drafts.keep, "draft"),
            ("<int:pk>/discard/", drafts.discard, "discard"),
            ("<int:pk>/preview/", versions.show_preview, "preview"),
            ("<int:pk>/history/", versions.show_history, "history"),
            ("<int:pk>/compare/", versions.show_comparison, "compare"),
            ("<int:pk>/restore/", versions.restore, "restore"),
            ("<int:pk>/publish/", publishing.publish, "publish"),
            ("<int:pk>/withdraw/", publishing.withdraw, "withdraw"),
            ("<int:pk>/put-back/", publishing.put_back, "put_back"),
            ("<int:pk>/unschedule/", publishing.unschedule, "unschedule"),
        ]
        return [
            path(at, view(show), name=f"pages_page_{name}") for at, show, name in ours
        ] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        pages = Page.objects.with_last_saved().select_related("reviewed_by")
        return with_standing(pages, timezone.now()).order_by(*self.get_ordering(request))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of this person, who finds what they typed before."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

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

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """With where the page stands, beside the form."""
        obj = kwargs.get("obj")
        context |= {"panel": panel_of(obj, timezone.now()) if obj else None}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        """A version where there is something new; what was typed and kept meanwhile has done its work."""
        news = set(form.changed_data) - {"based_on"}
        if change and written_alike(obj.body, form.newest.body):
            news -= {"body"}
        if not change or (news and not form.is_saved):
            super().save_model(request, obj, form, change)
        writing.discard(page=obj if change else None, by=request.user)  # type: ignore[arg-type]

    def response_add(self, request: HttpRequest, obj: Page, post_url_continue: Any = None) -> HttpResponse:
        return self._after(request, obj, "Saved. It is a draft: nobody but you and the partners sees it.")

    def response_change(self, request: HttpRequest, obj: Page) -> HttpResponse:
        return self._after(request, obj, "Saved. Visitors read it once it is published.")

    def _after(self, request: HttpRequest, obj: Page, words: str) -> HttpResponse:
        """On to what the button said; else back to the page."""
        following = next((view for name, view in AFTERWARDS.items() if name in request.POST), None)
        if following is None:
            messages.success(request, words)
        return redirect(following or "admin:pages_page_change", obj.pk)

    def view_on_site(self, obj: Page) -> str | None:
        return None  # the panel leads there, where there is something to see

    @admin.display(description="State")
    def state(self, page: Page) -> str:
        return standing(page)

    @admin.display(description="Review")
    def review(self, page: Page) -> str:
        if page.kind != Kind.GUIDE:
            return ""
        if page.reviewed_on is None or page.review_due is None:
            return "not yet reviewed"
        return (
            f"by {page.reviewed_by} on {date_format(page.reviewed_on, DAY)}, "
            f"next by {date_format(page.review_due, DAY)}"
        )

    @admin.display(description="Last saved", ordering="saved_at")
    def last_saved(self, page: Page) -> str:
        saved_by: str | None = page.saved_by  # type: ignore[attr-defined]
        when = moment(page.saved_at)  # type: ignore[attr-defined]
        return f"{when} by {saved_by}" if saved_by else when
