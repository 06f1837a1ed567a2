"""What pages are given as they are shown: the firm's telephone, wherever their words name it, and the
portraits of people."""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from firm_site.models import FirmDetails
from pages import picture_markup
from pages.models import Described

register = template.Library()

# What partners write: a number typed out would outlive a change. A link around it gives way to ours; in a
# tag there can be no link.
TELEPHONE = re.compile(r"<a [^>]*>\[telephone\]</a>|(?P<tag><[^>]*>)|\[telephone\]", re.IGNORECASE)
_TO_DIAL = re.compile(r"tel:\[telephone\]", re.IGNORECASE)


@register.filter
def with_telephone(body: object, firm: FirmDetails) -> SafeString:
    """`body` (drawn, clean) with the firm's number as a link in the place of each "[telephone]", and
    dialled by each link to tel:[telephone]."""
    link = format_html('<a class="telephone" href="{}">{}</a>', firm.telephone_uri, firm.telephone)

    def shown(match: re.Match[str]) -> str:
        return _TO_DIAL.sub(firm.telephone_uri, match["tag"]) if match["tag"] else link

    return mark_safe(TELEPHONE.sub(shown, str(body)))  # noqa: S308 (clean since it was saved)


@register.filter
def with_number(text: str, firm: FirmDetails) -> str:
    """`text`, not yet escaped, with the firm's number as it is read: for the words of a link."""
    return TELEPHONE.sub(lambda match: match["tag"] or firm.telephone, text)


@register.simple_tag
def portrait(person: Described, size: str, alt: str = "") -> SafeString:
    """The person's portrait, or the monogram of one who has none; `size` is small, medium or large.
    Without `alt` it adds nothing to the name beside it."""
    if person.portrait_files:
        return picture_markup.portrait(person.portrait_files, size=size, alt=alt)
    return format_html(
        '<span class="monogram monogram-{}" aria-hidden="true">{}</span>', size, person.initials
    )
