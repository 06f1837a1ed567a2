"""While a release goes out, code from before it works on tables from after it: a new migration does only what
that code can live with and what locks no table for long, or says beside each operation why it is safe.

What landed before the first release is left as it is. How to write the others: deploy/README.md, "A release".
"""

import ast
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, migrations, models
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

FIRST_RELEASE = {
    "callbacks": "0010_complaints_about_data_protection",
    "firm_site": "0002_second_factor",
    "pages": "0005_pictures",
}
AS_IT_LANDED = "db4ea4b1106623af"

# Everything else is refused. A column that may be empty or has a default in the database costs a moment,
# since no row is touched, and code that does not know it leaves it out.
TYPE = r"([a-z]\w*(\([\d,\ ]+\))?|timestamp\ with\ time\ zone|double\ precision)"
CONSTANT = r"('([^';]|'')*'|[\d.]+|true|false|\(?STATEMENT_TIMESTAMP\(\)\)?)"
HARMLESS = re.compile(
    rf"""CREATE\ TABLE\ [^;]*
    | ALTER\ TABLE\ \S+\ ADD\ COLUMN\ "\w+"\ {TYPE}(\ DEFAULT\ {CONSTANT})?\ NULL
    | ALTER\ TABLE\ \S+\ ADD\ COLUMN\ "\w+"\ {TYPE}\ DEFAULT\ {CONSTANT}\ NOT\ NULL
    | ALTER\ TABLE\ \S+\ ALTER\ COLUMN\ \S+\ SET\ DEFAULT\ {CONSTANT}
    | ALTER\ TABLE\ \S+\ VALIDATE\ CONSTRAINT\ \S+
    | CREATE\ INDEX\ CONCURRENTLY\ [^;]*
    | COMMENT\ ON\ [^;]*""",
    re.VERBOSE,
)
SAYS_WHY = re.compile(r"# Safe beside old code: \S.{15,}")


def unsafe(
    migration: migrations.Migration, state: ProjectState, database: DatabaseWrapper
) -> list[tuple[int, str]]:
    """Of each operation that is refused, its place and what is the matter with it. `state` is the one before
    the migration, which it changes."""
    found, made = [], set()
    for place, operation in enumerate(migration.operations):
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        if isinstance(operation, migrations.RunPython | migrations.RunSQL):
            found.append((place, type(operation).__name__))
            continue
        with database.schema_editor(collect_sql=True, atomic=False) as editor:
            operation.database_forwards(migration.app_label, editor, before, state)
        for statement in editor.collected_sql:
            made |= set(re.findall(r'^CREATE TABLE ("\w+")', statement))
            of_a_new_table = set(re.findall(r'^(?:ALTER TABLE|CREATE .*? ON) ("\w+")', statement)) & made
            if not of_a_new_table and not HARMLESS.fullmatch(statement.removesuffix(";")):
                found.append((place, statement))
    if not migration.atomic and len(migration.operations) > 1:
        found.append((1, "not atomic, so that nothing but its first operation may be in it"))
    return found


def says_why(source: str) -> set[int]:
    """The places of the operations with a comment, in them or above them, that says why they are safe."""
    lines = source.splitlines()
    (listed,) = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "operations"
    ]
    places, after = set(), listed.lineno
    for place, operation in enumerate(listed.elts):
        if SAYS_WHY.search("\n".join(lines[after - 1 : operation.end_lineno])):
            places.add(place)
        after = operation.end_lineno + 1
    return places


@pytest.fixture
def database(db) -> Iterator[DatabaseWrapper]:
    """A connection outside of any transaction, as some operations want it; nothing is written."""
    other = connection.copy()
    yield other
    other.close()


@pytest.fixture
def loader() -> MigrationLoader:
    return MigrationLoader(None)


def ours(loader: MigrationLoader, *, new: bool) -> list[migrations.Migration]:
    return [
        migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in FIRST_RELEASE and (name > FIRST_RELEASE[app]) == new
    ]


def file_of(migration: migrations.Migration) -> Path:
    return Path(apps.get_app_config(migration.app_label).path) / "migrations" / f"{migration.name}.py"


def test_code_from_before_can_live_with_every_new_migration(loader, database):
    refused = [
        f"{migration}: {what}"
        for migration in ours(loader, new=True)
        for place, what in unsafe(
            migration, loader.project_state((migration.app_label, migration.name), at_end=False), database
        )
        if place not in says_why(file_of(migration).read_text())
    ]
    assert refused == []


def test_what_landed_before_the_first_release_is_as_it_was(loader):
    digest = sha256()
    for migration in ours(loader, new=False):
        digest.update(file_of(migration).read_bytes())
    assert digest.hexdigest()[:16] == AS_IT_LANDED


# What is refused, and what is not


def judged(
    loader: MigrationLoader, database: DatabaseWrapper, *operations: Operation, atomic: bool = True
) -> list[str]:
    """What would be the matter with a migration of these operations."""
    migration = migrations.Migration("9999_trial", "callbacks")
    migration.operations, migration.atomic = operations, atomic
    return [what for _, what in unsafe(migration, loader.project_state(), database)]


SHORT = models.CharField(max_length=9, null=True)
NUMBERS = {"condition": models.Q(id__gt=0), "name": "trial"}

REFUSED = {
    "a column dropped": migrations.RemoveField("note", "text"),
    "a table dropped": migrations.DeleteModel("specialday"),
    "a column renamed": migrations.RenameField("note", "text", "words"),
    "a table renamed": migrations.RenameModel("note", "remark"),
    "a table moved": migrations.AlterModelTable("note", "remarks"),
    "a column that must be filled in": migrations.AddField("note", "more", models.TextField(default="")),
    "an altered type": migrations.AlterField("note", "text", models.CharField(max_length=9)),
    "a column that may be empty no more": migrations.AlterField("note", "by", models.IntegerField()),
    "a unique column": migrations.AddField(
        "note", "more", models.CharField(max_length=9, null=True, unique=True)
    ),
    "a column of references": migrations.AddField(
        "note", "more", models.ForeignKey("callbacks.note", models.PROTECT, null=True)
    ),
    "a column worked out for each row": migrations.AddField(
        "note",
        "more",
        models.GeneratedField(
            expression=models.F("id") + 1, output_field=models.IntegerField(), db_persist=True
        ),
    ),
    "a check": migrations.AddConstraint("note", models.CheckConstraint(**NUMBERS)),
    "a check not looked at yet": AddConstraintNotValid("note", models.CheckConstraint(**NUMBERS)),
    "no two alike": migrations.AddConstraint("note", models.UniqueConstraint(fields=["text"], name="trial")),
    "an index": migrations.AddIndex("note", models.Index(fields=["text"], name="trial")),
    "statements of one's own": migrations.RunSQL("SELECT 1"),
    "work on rows": migrations.RunPython(migrations.RunPython.noop),
}

ACCEPTED = {
    "a table, with an index and a check": [
        migrations.CreateModel("trial", [("id", models.BigAutoField(primary_key=True)), ("of", SHORT)]),
        migrations.AddIndex("trial", models.Index(fields=["of"], name="trial")),
        migrations.AddConstraint("trial", models.CheckConstraint(**NUMBERS)),
    ],
    "a column that may be empty": [migrations.AddField("note", "more", SHORT)],
    "columns that the database fills in": [
        migrations.AddField("note", "more", models.TextField(db_default="it's")),
        migrations.AddField("note", "when", models.DateTimeField(db_default=Now())),
        migrations.AddField("note", "right", models.BooleanField(db_default=False)),
    ],
    "words for people": [
        migrations.AlterModelOptions("note", {"verbose_name": "remark"}),
        migrations.AlterField("note", "text", models.TextField(max_length=4000, help_text="What they said.")),
    ],
    "a check that holds by now": [ValidateConstraint("note", "trial")],
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_is(kind, loader, database):
    assert len(judged(loader, database, REFUSED[kind])) > 0


@pytest.mark.parametrize("kind", ACCEPTED)
def test_accepted_is(kind, loader, database):
    assert judged(loader, database, *ACCEPTED[kind]) == []


def test_an_index_is_built_while_everybody_works_and_alone(loader, database):
    index = AddIndexConcurrently("note", models.Index(fields=["text"], name="trial"))
    column = migrations.AddField("note", "more", SHORT)
    assert judged(loader, database, index, atomic=False) == []
    assert len(judged(loader, database, column, index, atomic=False)) == 1


def test_whoever_says_why_beside_an_operation_is_believed_of_that_one():
    source = """
class Migration(migrations.Migration):
    operations = [
        migrations.RemoveField("note", "text"),
        # Safe beside old code: no release has ever read or written it.
        migrations.RemoveField("note", "by"),
        migrations.RunPython(
            fill,  # Safe beside old code: it adds rows of a table that is new.
        ),
        migrations.RunPython(more),  # Safe beside old code: yes
    ]
"""
    assert says_why(source) == {1, 2}
