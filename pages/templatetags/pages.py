"""What a page's words are given as they are shown: the firm's telephone, wherever they name it."""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from firm_site.models import FirmDetails

register = template.Library()

# What partners write: a number typed out would outlive a change. A link around it gives way to ours.
TELEPHONE = re.compile(r"<a [^>]*>\[telephone\]</a>|\[telephone\]", re.IGNORECASE)


@register.filter
def with_telephone(body: object, firm: FirmDetails) -> SafeString:
    """`body` (drawn, clean) with the firm's number as a link in the place of each "[telephone]"."""
    link = format_html('<a class="telephone" href="{}">{}</a>', firm.telephone_uri, firm.telephone)
    return mark_safe(TELEPHONE.sub(lambda _: link, str(body)))  # noqa: S308 (clean since it was saved)
