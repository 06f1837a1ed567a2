"""How a partner uploads a picture: on the page for it, and from the editor."""

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django import forms

from firm_site import words
from firm_site.models import User
from pages import pictures
from pages.actions.pictures import keep
from pages.models import Picture


class PictureForm(forms.ModelForm):
    """What partners say of a picture."""

    class Meta:
        model = Picture
        fields = ["alternative_text", "name"]
        error_messages = {
            "alternative_text": {
                "required": "Say what the picture shows, for people who cannot see it.",
                "max_length": "Say it in at most %(limit_value)d characters; this has %(show_value)d.",
            }
        }

    def clean_alternative_text(self) -> str:
        """In one line; the name of a file tells nobody anything."""
        field = self.fields["alternative_text"]
        if not (text := words.line(self.cleaned_data["alternative_text"])):
            raise forms.ValidationError(field.error_messages["required"], code="required")
        if text.lower().endswith((".jpg", ".jpeg", ".png", ".webp", ".heic")):
            raise forms.ValidationError("That is the name of a file: say what the picture shows.")
        return text

    def clean_name(self) -> str:
        """In one line; without one it is called a picture."""
        return words.line(self.cleaned_data["name"]) or "Picture"


class UploadForm(PictureForm):
    """A picture and what it shows. Its name is that of the file, if no other is given."""

    upload = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or WebP, at most 10 MB. It is made anew in the widths that pages need; where "
        "and when it was taken goes.",
        error_messages={
            "required": "Choose a picture.",
            "invalid": "Choose a picture.",
            "empty": "This file is empty: choose a picture.",
        },
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp", "data-picture": ""}),
    )
    prepared: pictures.Prepared | None = None
    field_order = ["upload", "alternative_text", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False

    def clean_upload(self) -> Any:
        """Judge the file by its content; what is wrong with it is said in a sentence."""
        upload = self.cleaned_data["upload"]
        if upload.size > pictures.MOST_BYTES:
            raise forms.ValidationError(pictures.too_large(upload.size))
        try:
            self.prepared = pictures.prepare(upload.read())
        except pictures.Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return upload

    def clean_name(self) -> str:
        """What was typed, else the file's name without its ending."""
        upload = self.cleaned_data.get("upload")
        given = words.line(self.cleaned_data["name"]) or (PurePath(upload.name).stem if upload else "")
        return words.line(given, Picture._meta.get_field("name").max_length) or "Picture"

    def keep(self, *, by: User, now: datetime) -> tuple[Picture, bool]:
        """Keep the picture, or find it where it is here already; it, and whether it is new."""
        assert self.prepared  # noqa: S101 (the form is valid)
        said = {name: self.cleaned_data[name] for name in ("name", "alternative_text")}
        return keep(prepared=self.prepared, by=by, now=now, **said)
