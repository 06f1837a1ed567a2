"""A question that is asked before something is saved, and the tick that answers it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class AgreedTo(forms.CheckboxInput):
    """A tick that carries what it agrees to: for anything else it counts for nothing, nor stays ticked."""

    def __init__(self, what: str) -> None:
        super().__init__(check_test=lambda ticked: False)
        self.what = what

    def format_value(self, value: Any) -> str:
        return self.what

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:  # type: ignore[override]
        return str(data.get(name, ""))


class AsksFirst(admin.ModelAdmin):
    """The page of a form with such a tick, named `agreed`: to be asked is no mistake, and is not
    called one."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if set(context["adminform"].form.errors) == {"agreed"}:
            context |= {"errors": [], "asks": True}
        return super().render_change_form(request, context, *args, **kwargs)
