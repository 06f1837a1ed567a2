"""Where managers set how long requests are kept; asked first about what would go at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html

from callbacks.models import RetentionPeriods
from callbacks.retention import forgets_more, how_many_to_forget
from firm_site.agreement import AgreedTo, AsksFirst
from firm_site.one_row import OneRowAdmin


class PeriodsForm(forms.ModelForm):
    """Shorter periods are saved when somebody has seen how much they delete."""

    agreed = forms.CharField(
        label="Save it all the same: that is deleted for good", required=False, widget=forms.HiddenInput
    )

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not self.changed_data:
            return
        now = timezone.now()
        many = how_many_to_forget(now, self.instance)
        if forgets_more(self.instance, now) and self.cleaned_data.get("agreed") != str(many):
            self.fields["agreed"].widget = AgreedTo(str(many))
            self.add_error("agreed", _asked(many))


def _asked(many: int) -> str:
    words = "One request loses" if many == 1 else f"{many} requests lose"
    return format_html("Next night <strong>{}</strong> what people told us, by these periods.", words)


@admin.register(RetentionPeriods)
class RetentionPeriodsAdmin(AsksFirst, OneRowAdmin):
    form = PeriodsForm
    fields = [
        "spam_and_duplicates",
        "taken_on",
        "not_reached_and_withdrawn",
        "all_others",
        "all_others_confirmed",
        "agreed",
    ]

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["title"] = context["original"]
        return super().render_change_form(request, context, *args, **kwargs)
