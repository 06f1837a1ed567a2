"""A code asked for once more, by a form whose press cannot be taken back."""

from typing import Any

from django import forms
from django.utils import timezone

from firm_site import second_factor
from firm_site.models import User

WRONG = "This code is not right, or was used before. Type the one that is shown now."


class CodeField(forms.CharField):
    """A code of an authenticator, or a longer one that was written down."""

    default_error_messages = {"required": "Type the code"}

    def __init__(self, **kwargs: Any) -> None:
        as_typed = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(as_typed), **kwargs)


class FreshCode(forms.Form):
    """Part of a form that asks for a code of the second factor, which is looked at once all else is right."""

    code = CodeField(label="Code of your authenticator")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.order_fields([*(name for name in self.fields if name != "code"), "code"])

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound or self.errors:
            return
        if refused := code_refused(self.user, self.cleaned_data.pop("code")):
            self.add_error("code", refused)


def code_refused(user: User, code: str | None) -> str:
    """Why this code does not do, in a sentence; empty when it is right, and so used up. None was looked at
    already, and wrong."""
    if code is not None and second_factor.is_right(user, code):
        return ""
    waits = second_factor.waits_until(user)
    seconds = round((waits - timezone.now()).total_seconds()) if waits else 0
    return WRONG if seconds <= 1 else f"{WRONG} After several wrong ones, wait {_in_words(seconds)} first."


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
