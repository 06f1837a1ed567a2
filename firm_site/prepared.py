"""Statements that PostgreSQL parses and plans once for a connection: their values are sent apart from them.

Django writes the values into a statement, so that each is new to the server, and builds it anew from models
and conditions each time. Of the form, which asks a dozen, that was half the time. After a rollback, even to
a savepoint, psycopg lets go of them all, and they are prepared again.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model

if TYPE_CHECKING:
    from firm_site.postgres.base import DatabaseWrapper


def ask(statement: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that a statement returns, with these values for its `%(name)s` or `%s`; within Django's own
    transaction. What it returns must stay what it is: no `*`, since a column may be added, and of letters
    `name::text`, since a column of so many may be made longer. A `%` of its own is written twice."""
    with cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS]).prepared_cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def insert[Row: Model](rows: Sequence[Row]) -> Sequence[Row]:
    """Store new rows of one model in one statement, each with the number that it got; returns them. As with
    Django's `bulk_create` no signal is sent, and a row that points to one which is not stored is refused with
    a ValueError. Of values, not of expressions such as F(), nor of what the database alone would fill in."""
    connection = connections[DEFAULT_DB_ALIAS]
    for row in rows:
        row._prepare_related_fields_for_save("insert")  # type: ignore[attr-defined]
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in _fields(type(row))
    ]
    stored = ask(_inserting(type(rows[0]), len(rows)), values) if rows else []
    for row, (number,) in zip(rows, stored, strict=True):
        row.pk = number
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return rows


@cache
def _inserting(model: type[Model], many: int) -> str:
    columns = [f'"{field.column}"' for field in _fields(model)]
    # As text: of a number too long for its column psycopg would send the last bytes, and that is another one.
    values = f"({', '.join(['%t'] * len(columns))})"
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {', '.join([values] * many)} "  # noqa: S608 (names of ours)
        f"RETURNING {model._meta.pk.column}"
    )


@cache
def _fields(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not field.primary_key]
