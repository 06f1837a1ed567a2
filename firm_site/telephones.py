"""How a telephone number printed on our pages becomes a link that dials."""

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=64)  # a page asks for the same one a hundred times
def telephone_uri(printed: str) -> str:
    """Return the RFC 3966 link for a number as printed, `tel:+448081897703` for 0808 189 7703.

    A number without a country code is a British one. One that cannot be read dials its digits.
    """
    try:
        number = phonenumbers.parse(printed, "GB")
    except phonenumbers.NumberParseException:
        return "tel:" + "".join(character for character in printed if character in "+0123456789")
    return "tel:" + phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
