"""Requests in the staff admin: a list and a page to read, and no way to write but the verbs."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from callbacks.admin import request_list
from callbacks.admin.day import show_day
from callbacks.admin.desk_page import claim_next, requests_that_wait, show_desk
from callbacks.admin.erasing import erase_person
from callbacks.admin.held import show_held
from callbacks.admin.marks import marks_of
from callbacks.admin.new_request import enter_request
from callbacks.admin.paginator import BoundedPaginator, LongList
from callbacks.admin.record import show_record, show_sheet
from callbacks.admin.reports import export_requests, show_reports
from callbacks.admin.request_page import do_verb, show_page, undo_verb
from callbacks.admin.script import save_answer
from callbacks.admin.set_apart import close_spam, undo_spam
from callbacks.models import CallbackRequest
from callbacks.models.request import CallbackRequestQuerySet
from callbacks.sight import seen_by
from firm_site.admin_site import FrontPart

admin.site.fronts.append(("callbacks.enter_callbackrequest", show_desk))  # type: ignore[attr-defined]
admin.site.front_parts.append(  # type: ignore[attr-defined]
    FrontPart("callbacks.decide_callbackrequest", "admin/callbacks/_waits.html", requests_that_wait, place=1)
)


@admin.register(CallbackRequest)
class CallbackRequestAdmin(admin.ModelAdmin):
    list_filter = request_list.FILTERS
    list_per_page = 100
    show_full_result_count = False
    paginator = BoundedPaginator
    search_fields = ["full_name"]  # shows the box; what is searched stands in request_list.search
    search_help_text = "A number in any writing or its last digits, a name, a reference, an e-mail"
    actions = None

    def get_urls(self) -> list[Any]:
        """These and no others: Django's own pages to add, change and delete are not there."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="callbacks_callbackrequest_changelist"),
            path("next/", view(claim_next), name="callbacks_callbackrequest_next"),
            path("new/", view(enter_request), name="callbacks_callbackrequest_new"),
            path("reports/", view(show_reports), name="callbacks_callbackrequest_reports"),
            path("export/", view(export_requests), name="callbacks_callbackrequest_export"),
            path("held/", view(show_held), name="callbacks_callbackrequest_held"),
            path("day/", view(show_day), name="callbacks_callbackrequest_day"),
            path("spam/", view(close_spam), name="callbacks_callbackrequest_spam"),
            path("spam/undo/", view(undo_spam), name="callbacks_callbackrequest_undo_spam"),
            path("<int:pk>/change/", view(show_page), name="callbacks_callbackrequest_change"),
            path("<int:pk>/answer/", view(save_answer), name="callbacks_callbackrequest_answer"),
            path("<int:pk>/undo/", view(undo_verb), name="callbacks_callbackrequest_undo"),
            path("<int:pk>/record/", view(show_record), name="callbacks_callbackrequest_record"),
            path("<int:pk>/sheet/", view(show_sheet), name="callbacks_callbackrequest_sheet"),
            path("<int:pk>/erase/", view(erase_person), name="callbacks_callbackrequest_erase"),
            path("<int:pk>/<slug:name>/", view(do_verb), name="callbacks_callbackrequest_verb"),
        ]

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if found := self._the_one_open(request):
            return redirect("admin:callbacks_callbackrequest_change", found.pk)
        context = {"title": "Requests", "is_short": request_list.is_short(request.GET.get("q", ""))}
        return super().changelist_view(request, context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LongList]:
        return LongList

    def _the_one_open(self, request: HttpRequest) -> CallbackRequest | None:
        """The one person with an open request whom a search finds: whoever rings us is waiting."""
        if request.GET.keys() != {"q", "show"} or not request.GET["q"].strip():
            return None
        seen = seen_by(request.user)  # type: ignore[arg-type]
        found = request_list.search_open(seen, request.GET["q"])
        firsts = list(found.values_list(Coalesce("earlier_id", "pk"), flat=True).distinct()[:2])
        if len(firsts) != 1:
            return None
        # What they asked before may have another number; worked is the newest.
        person = seen.open().filter(Q(pk=firsts[0]) | Q(earlier=firsts[0]))
        return person.order_by("-pk").first()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> CallbackRequestQuerySet:
        seen = seen_by(request.user)  # type: ignore[arg-type]
        return seen.select_related("claimed_by", "solicitor").in_desk_order(timezone.now())

    def get_list_display(self, request: HttpRequest) -> Any:
        if request.GET.get("show") == "set-apart":
            return request_list.columns_apart(request.user, get_token(request))  # type: ignore[arg-type]
        return request_list.columns(request.user, timezone.now(), marks_of(request))  # type: ignore[arg-type]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return [next(column for column in list_display if column.__name__ == "who")]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the filters on offer: any other lookup could ask for what stands in a hidden story."""
        return lookup in {each.parameter_name for each in request_list.FILTERS}

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[CallbackRequestQuerySet, bool]:
        found = request_list.search(queryset, search_term)
        # Who waits comes first; and no index has this order, along which all that is closed would be read.
        return found if found is queryset else found.in_desk_order(timezone.now()), False
