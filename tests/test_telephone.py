"""A telephone number is read in whatever writing it comes, and refused in a sentence that helps."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.telephone import (
    Telephone,
    digits_for_search,
    is_foreign,
    last_three,
    parse,
    readable,
)

ENTER_A_NUMBER = "Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"
ADD_THE_AREA_CODE = "Add the area code, like 01632 960 001"


def refusal(typed: str) -> str | None:
    try:
        parse(typed)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        # a British number, in all its dress
        ("020 7946 0958", "+442079460958"),
        ("02079460958", "+442079460958"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0044 (0) 20 7946 0958", "+442079460958"),
        ("(+44) 020 7946 0958", "+442079460958"),
        ("44 (0)20 7946 0958", "+442079460958"),
        ("+0044 20 7946 0958", "+442079460958"),
        ("(020) 7946-0958", "+442079460958"),
        ("020.7946.0958", "+442079460958"),
        ("020/7946/0958", "+442079460958"),
        ("020\u00a07946\u20110958", "+442079460958"),
        ("020–7946—0958", "+442079460958"),
        ("０２０　７９４６　０９５８", "+442079460958"),
        ("＋４４（０）２０ ７９４６ ０９５８", "+442079460958"),
        ("٠٧٧٠٠٩٠٠٩٨٢", "+447700900982"),
        ("\u202a07700 900982\u202c", "+447700900982"),  # as iPhones paste it
        ("tel:+44-20-7946-0958", "+442079460958"),
        ("7700900982", "+447700900982"),
        ("447700900982", "+447700900982"),
        ("+07700 900 982", "+447700900982"),
        ("O77OO 9OO 982", "+447700900982"),  # the letter O
        ("020 7946 O958", "+442079460958"),
        ("07700 900982or 01632 960001", "+447700900982"),
        ("07700,900,982", "+447700900982"),
        ("18001 07700 900982", "+447700900982"),  # by way of Relay UK
        ("011 44 20 7946 0958", "+442079460958"),  # from America
        ("0117 496 0958", "+441174960958"),  # Bristol
        ("01632 960001 07700 900982", "+441632960001"),
        ("020 7946 0958 07700 900982", "+447700900982"),
        # numbers that is_valid_number would refuse, short ones, free ones
        ("07700 900 982", "+447700900982"),
        ("01632 960 001", "+441632960001"),
        ("0808 189 7703", "+448081897703"),
        ("0800 1111", "+448001111"),
        ("016977 2345", "+44169772345"),
        ("12345678", "+4412345678"),
        # words and second numbers
        ("020 7946 0958 ext 12", "+442079460958"),
        ("020 7946 0958x12", "+442079460958"),
        ("020 7946 0958 ext. 1234", "+442079460958"),
        ("020 7946 0958 #12", "+442079460958"),
        ("tel:+442079460958;ext=12", "+442079460958"),
        ("my number is 07700 900982, thanks", "+447700900982"),
        ("call me after 6 on 07700 900982", "+447700900982"),
        ("07700 900982 or 01632 960001", "+447700900982"),
        ("07700 900982 / 01632 960001", "+447700900982"),
        ("07700 900982 +353 87 123 4567", "+447700900982"),
        # foreign numbers
        ("+353 87 123 4567", "+353871234567"),
        ("00353 87 123 4567", "+353871234567"),
        ("353871234567", "+353871234567"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("12125550123", "+12125550123"),
        ("+49 (0)151 1234 5678", "+4915112345678"),
        ("+39 06 1234 5678", "+390612345678"),  # Italy keeps its nought
        ("+500 12345", "+50012345"),
        ("＋46 8 123 456", "+468123456"),  # its plus tells it from a British number
        ("+49 1512 34567890 1", "+491512345678901"),  # fifteen digits
    ],
)
def test_any_writing_of_a_number_is_read(typed, e164):
    assert parse(typed) == Telephone(e164, typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "call me",
        "none",
        "999",
        "112",
        "111",
        "9 9 9",
        "+44 999",
        "12345",
        "00000000",
        "0000000000",
        "+44 0000 000000",
        "07700 900 98",  # a mobile number with a digit too few
        "07700 900 9822",  # and too many
        "+44 7700 900 9822",
        "1234567890123456",
        "0123456789012345",
        "+491512345678901 2",
        "x" * 300,
    ],
)
def test_what_cannot_be_dialled_gets_the_sentence_with_examples(typed):
    assert refusal(typed) == ENTER_A_NUMBER


@pytest.mark.parametrize("typed", ["960001", "960 001", "496 0001", "my number is 4960001", "４９６０００１"])
def test_a_number_without_its_area_code_is_asked_for_it(typed):
    assert refusal(typed) == ADD_THE_AREA_CODE


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789+() -./xo,#؀é½²٣०"), max_size=40) | st.text())
def test_whatever_is_typed_is_read_or_refused_in_words(typed):
    if refused := refusal(typed):
        assert refused in (ENTER_A_NUMBER, ADD_THE_AREA_CODE)
        return
    number = parse(typed)
    assert number.typed == typed
    assert re.fullmatch(r"\+[1-9][0-9]{7,14}", number.e164)
    assert parse(number.e164).e164 == number.e164


@settings(deadline=None)
@given(
    st.integers(1_000_000_000, 3_999_999_999) | st.integers(7_000_000_000, 9_999_999_999),
    st.sampled_from(["0", "+44", "0044", "+44 (0)", "0044 0", "44"]),
    st.lists(st.sampled_from(["", "", " ", "-", ".", "\u00a0", "–", "/", ") "]), min_size=10),
)
def test_every_british_number_is_the_same_number_in_every_writing(national, prefix, between):
    typed = prefix + "".join(digit + gap for digit, gap in zip(str(national), between[:10], strict=True))
    assert parse(typed).e164 == f"+44{national}"
    assert digits_for_search(typed) == str(national)


@pytest.mark.parametrize(
    ("e164", "written"),
    [
        ("+442079460958", "020 7946 0958"),
        ("+447700900982", "07700 900982"),
        ("+441632960001", "01632 960001"),
        ("+448081897703", "0808 189 7703"),
        ("+353871234567", "+353 87 123 4567"),
        ("+12125550123", "+1 212-555-0123"),
        ("", ""),
    ],
)
def test_a_number_is_written_as_people_write_it(e164, written):
    assert readable(e164) == written


def test_a_receipt_shows_the_last_three_digits():
    assert last_three("+447700900982") == "982"


def test_only_numbers_from_abroad_are_told_uk_time():
    numbers = ["+447700900982", "+353871234567", "+12125550123", "+441481960194", ""]
    assert [is_foreign(each) for each in numbers] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+44 (0)20 7946 0958", "2079460958"),
        ("0044 20 7946 0958", "2079460958"),
        ("02079460958 ext 12", "2079460958"),
        ("+353 87 123 4567", "353871234567"),
        ("00353871234567", "353871234567"),
        ("0958", "0958"),
        ("001", "001"),
        ("０９５８", "0958"),
        ("020 7946", "207946"),
        ("46 0958", "460958"),
        ("7946 0958", "79460958"),
        ("0000000", "0000000"),
        ("Smith", ""),
        ("", ""),
    ],
)
def test_staff_find_a_number_by_any_writing_or_its_last_digits(typed, digits):
    assert digits_for_search(typed) == digits
