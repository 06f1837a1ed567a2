"""The form in which a page is written: what it refuses, and how nothing that was typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from firm_site import words
from firm_site.models import User
from pages.actions.writing import EDITED
from pages.admin.versions import names_of_people
from pages.body import clean, links_to_nowhere, written_alike
from pages.comparing import Comparison, compare
from pages.models import Draft, Page


@dataclass(frozen=True)
class Clash:
    """Somebody else saved the page while this was typed: `version` is theirs, `both` how ours differs."""

    version: Any
    both: Comparison


class PageForm(forms.ModelForm):
    """`editor` is whose form it is; what they typed before and did not save comes back with it."""

    editor: User
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clash: Clash | None = None
        self.is_saved = False  # by somebody else, or by a first click, word for word
        self.newest = self.instance.history.order_by("-history_id").first() if self.instance.pk else None
        self.initial["based_on"] = self.newest and self.newest.pk
        self.draft = None if self.is_bound else self._what_was_typed()
        if self.draft:
            typed = self.draft.fields
            self.initial.update({name: typed[name] for name in typed if name in self.fields})

    def _what_was_typed(self) -> Draft | None:
        return Draft.objects.filter(page=self.instance.pk, by=self.editor).first()

    def clean_body(self) -> str:
        """Name a link that the grammar would take out without a word."""
        if lost := links_to_nowhere(self.cleaned_data["body"]):
            raise forms.ValidationError(
                f"This link leads nowhere: “{lost[0]}”. Begin it with https://, mailto:, tel: "
                "(no spaces in the number), or / for a page of this site."
            )
        if not (body := clean(self.cleaned_data["body"])):
            raise forms.ValidationError("Write something here: a page is never empty.")
        return body

    def clean(self) -> dict[str, Any]:
        """An address of another page, now or once, goes on leading there. What somebody else saved
        meanwhile is shown beside this, and nothing is saved over it unseen."""
        fields = super().clean() or {}
        fields |= {name: _readable(name, fields[name]) for name in fields if name != "body"}
        if "slug" in fields and (kind := fields.get("kind", self.instance.kind)):
            path = Page(kind=kind, slug=fields["slug"]).path
            others = Page.objects.exclude(pk=self.instance.pk)
            named = others.filter(kind=kind, slug=fields["slug"])
            if others.filter(addresses__path=path).exists() or named.exists():
                self.add_error("slug", f"{path} leads to another page: choose another address.")
        if self.instance.pk:
            self._heed_what_others_saved(fields)
        return fields

    def _heed_what_others_saved(self, fields: Mapping[str, Any]) -> None:
        Page.objects.select_for_update().get(pk=self.instance.pk)  # whoever saves at this moment waits
        newest = self.instance.history.latest("history_id")
        began = fields.get("based_on")
        if began is None or newest.pk == began:
            return
        self.is_saved = not self.errors and self._says(newest, fields)
        if self.is_saved:  # a second click on the button, perhaps
            return
        base = self.instance.history.filter(pk=began).first()
        together = {name: self._of_both(name, fields[name], newest, base) for name in fields}
        del together["based_on"]
        mine = {_attribute(name): getattr(newest, _attribute(name)) for name in EDITED} | self._as_typed()
        mine |= {_attribute(name): together[name] for name in together}
        both = compare(newest, Page(kind=self.instance.kind, **mine), names=names_of_people())
        self.clash = Clash(newest, both)
        self._show_again(together | {"based_on": newest.pk})
        self.add_error(
            None,
            f"{newest.history_user or 'Somebody'} saved this page while you were writing. Nothing is lost: "
            "both texts stand below. Put them together here, and save again.",
        )

    def _says(self, version: Any, fields: Mapping[str, Any]) -> bool:
        """Whether the version says already all that this form would save."""
        mine = {
            _attribute(name): getattr(fields[name], "pk", fields[name]) for name in fields if name in EDITED
        }
        return all(getattr(version, name) == value for name, value in mine.items())

    def _as_typed(self) -> dict[str, str]:
        """Of the fields with an error those whose words can be shown beside the other's all the same."""
        typed = {
            name: self.data.get(name, "") for name in ("title", "summary", "body") if name in self.errors
        }
        return typed | ({"body": clean(typed["body"])} if "body" in typed else {})

    def _of_both(self, name: str, mine: Any, newest: Any, base: Any) -> Any:
        """What I changed stays mine; what I left alone becomes what the other made of it."""
        if name == "based_on":
            return None
        attribute, value = _attribute(name), getattr(mine, "pk", mine)
        if base is None:
            return value
        before = getattr(base, attribute)
        is_untouched = written_alike(value, before) if name == "body" else value == before
        return getattr(newest, attribute) if is_untouched else value

    def _show_again(self, values: Mapping[str, Any]) -> None:
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in values.items():
            data[name] = "" if value is None else str(value)
        self.data = data


def _readable(name: str, value: Any) -> Any:
    """What is typed into one line in one line, and without what nobody sees, as Word leaves it behind."""
    if not isinstance(value, str):
        return value
    return words.paragraphs(value) if name == "short_biography" else words.line(value)


def _attribute(name: str) -> str:
    """Where a version keeps a field's plain value, a key where it is one."""
    return str(Page._meta.get_field(name).attname)  # type: ignore[union-attr]
