"""Whether two names may be one person's: forty written pairs, and in doubt they are two people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.names import are_near

ONE_PERSON = [
    ("Zoë Example", "Zoë Example"),
    ("Zoë Example", "zoe example"),
    ("Zoë Example", "ZOE  EXAMPLE"),
    ("Zoë Example", "Zoe"),
    ("Zoë Example", "Zoe Exmaple"),
    ("Zoë Example", "Ms Zoë Example"),
    ("Zoë Example", "Zoë A. Example"),
    ("Zoë Example", "Z. Example"),
    ("Z Example", "Zoë Anne Example"),
    ("Dr Zoë Example", "Mrs Zoë Example"),
    ("Anna Smith", "Ann Smith"),
    ("Jon Smith", "John Smith"),
    ("Siobhán O’Dowd", "Siobhan ODowd"),
    ("Siobhan O'Dowd", "SIOBHAN O`DOWD"),
    ("Mary-Jane Watson", "Maryjane Watson"),
    ("Jean-Luc Roy", "Jeanluc Roy"),
    ("李小龍", "李小龍"),
    ("محمد", "محمد"),
    ("Łukasz Kowalski", "Łukasz Kowalsky"),
    ("Catherine Jones", "Catharine Jones"),
]

TWO_PEOPLE = [
    ("John Smith", "Mary Smith"),
    ("Mr Smith", "Mrs Smith"),
    ("Mr J Smith", "Mrs J Smith"),
    ("Mr John Smith", "Miss Joan Smith"),
    ("John Smith", "Joan Smith"),
    ("Jane Smith", "Jana Smith"),
    ("Tim Brown", "Tom Brown"),
    ("Zoë Example", "Zoë Sample-Jones"),
    ("Zoë Example", "Anna Bell"),
    ("Smith", "John Smith"),
    ("Anna Smith", "A Jones"),
    ("J Smith", "K Smith"),
    ("Zoë", "Anna"),
    ("Zoë Example", ""),
    ("", ""),
    ("Mrs", "Mrs"),
    ("王芳", "王伟"),
    ("Ali Khan", "Sara Khan"),
    ("Sam Example", "Sue Example"),
    ("Ng", "Ngozi"),
]


@pytest.mark.parametrize(("one", "other"), ONE_PERSON)
def test_these_may_be_one_person(one, other):
    assert are_near(one, other) is True
    assert are_near(other, one) is True


@pytest.mark.parametrize(("one", "other"), TWO_PEOPLE)
def test_these_are_two_people(one, other):
    assert are_near(one, other) is False
    assert are_near(other, one) is False


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_order_of_two_names_does_not_matter(one, other):
    assert are_near(one, other) == are_near(other, one)
