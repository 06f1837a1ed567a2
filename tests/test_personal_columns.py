"""Every column has a rule that says what becomes of it, and what the rules say is done."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connection

from callbacks.actions import complaining
from callbacks.models import CallbackRequest
from callbacks.models.request import NOTHING
from firm_site import personal
from firm_site.personal import RULES, Rule, columns, without_a_rule

pytestmark = pytest.mark.django_db

REQUEST = "callbacks.CallbackRequest"
OF_NO_MODEL = {"django_migrations"}


def columns_of_the_database() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
        return {(table, column) for table, column in cursor.fetchall() if table not in OF_NO_MODEL}


def test_every_column_of_the_database_has_one_rule_and_no_rule_is_for_nothing():
    tables = {model._meta.label: model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    known = [
        (tables[label], column)
        for label, rules in RULES.items()
        for given in rules.values()
        for column in given.split()
        if label in tables
    ]
    assert len(known) == len(set(known))
    assert set(known) == columns_of_the_database()


def test_a_column_without_a_rule_is_an_error(monkeypatch):
    assert list(without_a_rule()) == []
    rules = RULES["callbacks.Note"] | {Rule.DELETED: "question"}
    monkeypatch.setitem(personal.RULES, "callbacks.Note", rules)
    (error,) = [each for each in run_checks() if each.id == "firm.E001"]
    assert error.msg == "Nobody has said what becomes of callbacks.Note.text."
    assert error.is_serious()


def test_a_table_without_rules_is_an_error_for_each_column(monkeypatch):
    monkeypatch.delitem(personal.RULES, "callbacks.PostCount")
    assert list(without_a_rule()) == [f"callbacks.PostCount.{each}" for each in ("key", "since", "posts")]


def test_what_is_to_be_emptied_of_a_request_is_what_is_emptied():
    fields = CallbackRequest._meta
    assert columns(REQUEST, Rule.EMPTIED) == {fields.get_field(name).column for name in NOTHING}


def test_what_is_to_be_emptied_of_a_complaint_is_what_is_emptied():
    goes = {*complaining.NOTHING, "fingerprint"}  # which closing empties
    assert columns("callbacks.DataComplaint", Rule.A_YEAR) == goes


def test_each_column_with_words_or_a_yes_goes_or_is_a_code_of_ours():
    codes = {"reference", "channel", "status", "outcome"}
    told = {"CharField", "TextField", "EmailField", "BooleanField"}
    fields = [each for each in CallbackRequest._meta.concrete_fields if each.get_internal_type() in told]
    stays = {each.column for each in fields} - columns(REQUEST, Rule.EMPTIED, Rule.SPENT)
    assert stays == codes
