"""Where partners keep whom the firm acts for, what the desk asks on the telephone, and what we write."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone

from callbacks.actions import checking
from callbacks.models import CallScript, MessageTexts, Party
from firm_site.one_row import OneRowAdmin


class OneLineForm(forms.ModelForm):
    """White space in a name tells nothing."""

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


@admin.register(Party)
class PartyAdmin(admin.ModelAdmin):
    """A new name is compared with every request that is not closed, as soon as it is saved."""

    form = OneLineForm
    list_display = ["name", "remark", "added_at"]
    search_fields = ["name", "remark"]
    actions = None

    def save_model(self, request: HttpRequest, obj: Party, form: Any, change: bool) -> None:
        if "name" not in form.changed_data:
            return super().save_model(request, obj, form, change)
        if held := checking.add_party(obj, now=timezone.now()):
            many = "One request resembles" if held == 1 else f"{held} requests resemble"
            messages.warning(request, f"{many} it. Nobody but partners reads the story until one has looked.")
        return None


@admin.register(CallScript)
class CallScriptAdmin(admin.ModelAdmin):
    list_display = ["__str__", "other_words"]
    actions = None


@admin.register(MessageTexts)
class MessageTextsAdmin(OneRowAdmin):
    pass
