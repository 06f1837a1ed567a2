"""The form "Request a Callback": reads what people type, and hands it to `actions.submit`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from phonenumber_field.formfields import PhoneNumberField

from callbacks import spam, telephone
from callbacks.actions.asking import Answers, Shown, submit
from callbacks.models import CallbackRequest
from callbacks.offer import ASAP, start_of
from firm_site import words

LONGEST_TYPED_NUMBER = 200  # characters: room for "after six, ask for …, extension 12"


class LineField(forms.CharField):
    """An answer of one line, cleaned of what nobody types on purpose before anything else sees it."""

    def to_python(self, value: Any) -> str:
        return super().to_python(words.line(value or "")) or ""


class AddressField(forms.EmailField):
    """An e-mail address, also as a link or the end of a sentence has it."""

    def to_python(self, value: Any) -> str:
        typed = words.line(value or "").removeprefix("mailto:").removesuffix(".")
        return super().to_python(typed) or ""


class ParagraphsField(forms.CharField):
    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(words.paragraphs(value or "")) or ""


class YesBox(forms.CheckboxInput):
    """A tick box that means yes only when it says `yes`."""

    def __init__(self) -> None:
        super().__init__(attrs={"value": "yes"})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        return data.get(name) == "yes"


class TelephoneField(PhoneNumberField):
    """A telephone number in any writing; its value is a `telephone.Telephone`.

    libphonenumber's validity rejects numbers that exist, so plausibility is ours to judge.
    """

    default_validators: list[Any] = []

    def to_python(self, value: Any) -> Any:
        typed = words.line(value or "")
        if not typed:
            return None
        if len(typed) > LONGEST_TYPED_NUMBER:
            raise ValidationError(self.error_messages["too_long"], code="too_long")
        try:
            return telephone.parse(typed)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


class WhenField(forms.Field):
    """When to call: the start of a half hour, aware, or None for as soon as possible.

    Any moment will do here. Whether it is on the grid, far enough ahead and free is for the action to
    judge, under its locks, and after it has looked whether this is the same request again.
    """

    widget = forms.RadioSelect  # drawn by callbacks/_when.html
    default_error_messages = {
        "required": "Choose when we should call",
        "invalid": "Choose when we should call: that time is not on offer",
    }

    def clean(self, value: Any) -> datetime | None:
        typed = words.line(value or "")
        if not typed:
            raise ValidationError(self.error_messages["required"], code="required")
        if typed == ASAP:
            return None
        try:
            return start_of(typed)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class PlainNumberField(forms.Field):
    """A hidden number as rendered; anything else becomes None, never an error."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> int | None:
        text = str(value or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


class PagePathField(forms.Field):
    """The path of the page the form stood on; anything that is not one becomes empty."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> str:
        text = words.line(str(value or ""))
        is_path = text.startswith("/") and not text.startswith("//") and len(text) <= 200
        return text if is_path and text.isprintable() and "\\" not in text else ""


def name_field() -> LineField:
    """How to address whoever writes to us."""
    return LineField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words"}),
        error_messages={
            "required": "Enter your name",
            "max_length": "Your name must be 120 characters or fewer",
        },
    )


def email_field(help_text: str) -> AddressField:
    """Their e-mail address, which nobody must give; `help_text` says what it is for."""
    return AddressField(
        label="E-mail",
        required=False,
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "invalid": "Enter an e-mail address like name@example.com, or leave it empty",
            "max_length": "An e-mail address must be 254 characters or fewer",
        },
        max_length=254,
    )


class CallbackForm(forms.Form):
    """Three answers are needed: a name, a number, and when to call."""

    full_name = name_field()
    phone = TelephoneField(
        label="Telephone",
        widget=forms.TelInput(attrs={"autocomplete": "tel"}),
        error_messages={
            "required": telephone.ENTER_A_NUMBER,
            "too_long": "Enter the phone number alone; the message has room for the rest",
        },
    )
    say_who = forms.BooleanField(
        label="If someone else answers, you may say who is calling",
        required=False,
        widget=YesBox,
    )
    leave_message = forms.BooleanField(label="You may leave a message", required=False, widget=YesBox)
    when = WhenField(
        label="When shall we call?",
        initial=ASAP,
        help_text="Each call begins within half an hour of the time you choose. Times are UK time.",
    )
    email = email_field("For a short confirmation. It names neither us nor a procedure in its subject.")
    message = ParagraphsField(
        label="Is there anything you would like to tell us?",
        required=False,
        max_length=4000,
        help_text="You do not need to give medical details here.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "Your message must be 4,000 characters or fewer"},
    )
    procedure = LineField(
        label="Which procedure was it?",
        required=False,
        max_length=120,
        error_messages={"max_length": "The procedure must be 120 characters or fewer"},
    )
    procedure_date = LineField(
        label="When was it?",
        required=False,
        max_length=200,
        help_text="As well as you remember: March 2023, 12/3/2024 or 2022.",
        error_messages={"max_length": "The date must be 200 characters or fewer"},
    )
    clinic = LineField(
        label="Who carried it out?",
        required=False,
        max_length=200,
        help_text="The clinic or the practitioner.",
        error_messages={"max_length": "The clinic must be 200 characters or fewer"},
    )
    call_needs = LineField(
        label="Anything that would make the call easier?",
        required=False,
        max_length=300,
        help_text="For example Relay UK, an interpreter, or a woman to speak to.",
        error_messages={"max_length": "This must be 300 characters or fewer"},
    )
    page = PagePathField(required=False)
    page_version = PlainNumberField(required=False)
    notice_version = PlainNumberField(required=False)
    # The honeypot. People never see it; what fills it in is set apart, never thrown away.
    website = forms.CharField(required=False, label="Leave this empty")

    # Rarely needed: folded away until one of them has something to show
    MORE = ["email", "message", "procedure", "procedure_date", "clinic", "call_needs"]

    @classmethod
    def not_judged(cls, typed: Mapping[str, str]) -> Self:
        """The form as it was typed so far: everything kept, nothing called wrong yet."""
        widgets = {name: field.widget for name, field in cls().fields.items()}
        return cls(
            initial={name: each.value_from_datadict(typed, {}, name) for name, each in widgets.items()}
        )

    def answers(self) -> Answers:
        """What the person gave. Call once it is valid."""
        given = self.cleaned_data
        number: telephone.Telephone = given["phone"]
        return Answers(
            phone=number.e164,
            phone_typed=number.typed,
            wanted_at=given["when"],
            **{name: given[name] for name in ["full_name", "say_who", "leave_message", *self.MORE]},
        )

    def save(self, *, now: datetime, doubt: str = "") -> CallbackRequest:
        """Store the request through `actions.submit`; `now` is aware. Call once it is valid.

        `doubt` is a reason to set it apart that the form cannot see. Raises TimeGone or TimeRefused.
        """
        given = self.cleaned_data
        doubts = [spam.HONEYPOT if given["website"] else "", doubt]
        return submit(
            answers=self.answers(),
            shown=Shown(
                page=given["page"],
                page_version=given["page_version"],
                notice_version=given["notice_version"],
            ),
            by=None,
            now=now,
            set_apart_because=" ".join(filter(None, doubts)),
        )
