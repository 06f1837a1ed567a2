"""What people type is cleaned once, before anything else sees it."""

import re
from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firm_site.words import MOST_MARKS, line, paragraphs

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
AWKWARD = st.text(
    st.sampled_from("ae李ക🏽 \u3000\t\n\r\x00\x1c\x85\u2028\u00c5\u212b\u0958\u0344ᄀ각")
    | st.sampled_from("\u0301\u0323\u0d4d\ufe0f\u200b\u200c\u200d\u180e\u202e\u2066\ufeff\ud800"),
    max_size=40,
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff"
    "\ud800-\udfff\t\r]"
)


@pytest.mark.parametrize(
    "name",
    [
        "Zoë",
        "O’Brien",
        "O'Brien-Łukasiewicz",
        "李小龍",
        "محمد علي",
        "שָׁלוֹם",
        "प्रियंका क्षत्रिय",
        "ക്രിസ്ത്യന്‍",  # ends in a joiner, as Malayalam was long spelt
        "র‍্যাব",  # a joiner before a mark
        "می‌خواهم",  # a non-joiner between letters
        "Nguyễn Thị Ánh",
        "葛\U000e0100飾",  # the variant of the letter that the family uses
        "X Æ A-12",
        "Anne 👩‍👩‍👧 ❤️‍🔥 👍🏽",
        "<b>Tom & “Jerry”</b>; DROP TABLE",
    ],
)
def test_ordinary_names_in_any_script_pass_untouched(name):
    assert line(name) == name
    assert paragraphs(name) == name


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Ann \t  Lee \n", "Ann Lee"),
        ("Ann\u00a0Lee", "Ann Lee"),
        ("山田\u3000太郎", "山田 太郎"),
        ("Ann\r\nBcc: all@example.com", "Ann Bcc: all@example.com"),
        ("Zoe\u0308", "Zoë"),
        ("A\x00n\x07n\x1b\x9d", "Ann"),
        ("Ann\ud83d", "Ann"),
        ("\u202eeeL nnA\u202c", "eeL nnA"),
        ("\u2067Ann\u2069", "Ann"),
        ("\ufeffAn\u200bn\u00ad", "Ann"),
        ("A\u200dn\u200cn", "Ann"),  # Latin letters have nothing to join
        ("李\u200d\u200d", "李\u200d"),
        ("Ann\U000e0041\U000e0042", "Ann"),
        ("\u3164\u2800 \u200b", ""),  # looks empty, is empty
        ("a \u200d b", "a b"),
        ("", ""),
    ],
)
def test_a_line_keeps_what_can_be_read(typed, cleaned):
    assert line(typed) == cleaned


def test_a_flood_of_marks_is_cut_to_what_a_letter_can_bear():
    assert line("Z" + "\u0335" * 50 + "o\u0335") == "Z" + "\u0335" * MOST_MARKS + "o\u0335"
    assert line("क" + "\u0941\u200d" * 50) == "क" + "\u0941\u200d" * MOST_MARKS


def test_a_flood_is_cut_before_it_is_normalised_which_would_take_minutes():
    # Normalised first, the marks would be sorted, and only those below the letter kept.
    assert line("a" + "\u0301\u0323" * 5_000) == "ạ" + "\u0323" * 3 + "\u0301" * 4


def test_paragraphs_keep_their_lines_and_one_empty_line_between():
    typed = "  Dear all,\r\n\r\n\r\n\tit  hurts\rhere\u2028and here \n \n"
    assert paragraphs(typed) == "Dear all,\n\nit hurts\nhere\nand here"


def test_a_limit_cuts_what_is_past_it_and_leaves_no_space_at_the_end():
    assert line("/guides/ botched", 9) == "/guides/"
    assert line("Ann", 3) == "Ann"


@settings(deadline=None)
@given(ANYTHING | AWKWARD)
@example("a\u200d\u0301\u0323\u200d")
@example("\u212b\u200d\u0301")
@example("\u0958" + "\u0301" * 9)
def test_cleaning_twice_is_cleaning_once(typed):
    assert line(line(typed)) == line(typed)
    assert paragraphs(paragraphs(typed)) == paragraphs(typed)
    assert line(line(typed, 5), 5) == line(typed, 5)


@settings(deadline=None)
@given(ANYTHING | AWKWARD)
def test_what_is_left_can_be_stored_and_printed(typed):
    for cleaned in (line(typed), paragraphs(typed)):
        assert cleaned.encode().decode() == cleaned
        assert is_normalized("NFC", cleaned)
        assert FORBIDDEN.findall(cleaned) == []
        assert "  " not in cleaned
        assert cleaned == cleaned.strip()
        kinds = "".join(category(letter)[0] for letter in cleaned)
        assert "M" * (MOST_MARKS + 1) not in kinds
    assert "\n" not in line(typed)
    assert "\n\n\n" not in paragraphs(typed)


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1), min_size=1))
def test_letters_figures_and_signs_are_never_lost(words):
    text = normalize("NFC", " ".join(words)).replace("\u3164", "x").replace("\uffa0", "x")
    text = text.replace("\u2800", "x")
    assert line(text) == text
