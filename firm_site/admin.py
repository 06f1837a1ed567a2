"""Where partners keep what the firm says of itself."""

from typing import Any

import phonenumbers
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import CharField
from django.http import HttpRequest
from django.utils.html import format_html

from firm_site import (
    staff_admin,  # noqa: F401 (registers itself)
    words,
)
from firm_site.admin_site import FrontPart
from firm_site.agreement import AgreedTo, AsksFirst
from firm_site.models import FirmDetails
from firm_site.one_row import OneRowAdmin
from firm_site.telephones import telephone_uri


class FirmDetailsForm(forms.ModelForm):
    agreed = forms.CharField(
        label="Yes, show this number on every page", required=False, widget=forms.HiddenInput
    )

    def clean_telephone(self) -> str:
        return _readable(self.cleaned_data["telephone"])

    def clean_calling_number(self) -> str:
        return _readable(self.cleaned_data["calling_number"])

    def clean(self) -> dict[str, Any]:
        """Every answer becomes one line that can be read: a line break in a name would break the head of an
        e-mail. A new telephone number is shown as pages will show it, and asked about once more."""
        given = super().clean() or {}
        for name, value in given.items():
            given[name] = words.line(value)
        number = given.get("telephone")
        if number and "telephone" in self.changed_data and given.get("agreed") != number:
            self._ask_again(number)
        return given

    def _ask_again(self, number: str) -> None:
        uri = telephone_uri(number)
        self.fields["agreed"].widget = AgreedTo(number)
        self.add_error(
            "agreed",
            format_html(
                "Every page will show <strong>{}</strong>, and a tap on it will dial "
                '<a href="{}">{}</a>. Try it, tick here, and save again.',
                number,
                uri,
                uri.removeprefix("tel:"),
            ),
        )


def _readable(number: str) -> str:
    """Refuse a number that no telephone could dial from the link on a page."""
    number = " ".join(number.split())
    if not number:
        return number
    try:
        if phonenumbers.is_possible_number(phonenumbers.parse(number, "GB")):
            return number
    except phonenumbers.NumberParseException:
        pass
    raise forms.ValidationError(
        f"“{number}” cannot be dialled. Write it as people read it, like 0808 189 7703."
    )


@admin.register(FirmDetails)
class FirmDetailsAdmin(AsksFirst, OneRowAdmin):
    form = FirmDetailsForm
    formfield_overrides = {CharField: {"widget": AdminTextInputWidget({"class": "vLargeTextField"})}}
    fieldsets = [
        ("Reaching the firm", {"fields": ["telephone", "agreed", "calling_number", "email", "sender_name"]}),
        (
            "The company",
            {
                "fields": [
                    "company_name",
                    "company_number",
                    "place_of_registration",
                    "registered_office",
                    "vat_number",
                ]
            },
        ),
        (
            "Regulation",
            {"fields": ["sra_number", "professional_title", "indemnity_insurer"]},
        ),
    ]


def details_still_empty(request: HttpRequest) -> dict[str, Any]:
    """On the partners' front page: what the firm has still to say of itself."""
    row = FirmDetails.objects.filter(pk=1).first() or FirmDetails(pk=1)
    return {"empty": list(row.still_empty().values())}


admin.site.front_parts.append(  # type: ignore[attr-defined]
    FrontPart("firm_site.change_firmdetails", "admin/firm_site/_empty.html", details_still_empty, place=3)
)
