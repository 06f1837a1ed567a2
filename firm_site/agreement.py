"""A question that is asked before something is saved, and the tick that answers it."""

from typing import Any

from django import forms


class AgreedTo(forms.CheckboxInput):
    """A tick that carries what it agrees to: for anything else it counts for nothing, nor stays ticked."""

    def __init__(self, what: str) -> None:
        super().__init__(check_test=lambda ticked: False)
        self.what = what

    def format_value(self, value: Any) -> str:
        return self.what

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:  # type: ignore[override]
        return str(data.get(name, ""))
