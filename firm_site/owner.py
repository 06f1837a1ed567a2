"""The owner's role makes the tables. The site's own may use them, and no more: it changes no table and
no row of the record.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Of these the site may read and add rows only: what happened, who did what in the staff pages, and each
# version that was saved.
EVENTS = "callbacks_event"
LOG = "django_admin_log"


def grant_to_the_site(*, using: str, **kwargs: Any) -> None:
    """Let the role of DATABASE_URL work with what the owner's migrations have made (a `post_migrate`
    receiver; with one role for both there is nothing to do)."""
    site, owner = settings.DATABASES["default"]["USER"], settings.DATABASES[using]["USER"]
    if site != owner:
        grant(connections[using], str(site))


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Give `role` what the site needs, and take whatever else it was given before.

    Needs the owner's connection. All in one transaction: a running site never goes without.
    """
    quote = connection.ops.quote_name
    site = quote(role)
    database = quote(connection.settings_dict["NAME"])
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        for objects in ("SCHEMA", "ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA"):
            cursor.execute(f"REVOKE ALL ON {objects} public FROM {site}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {site}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {site}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {site}")
        made = set(connection.introspection.table_names(cursor))
        for table in append_only_tables():
            if table in made:  # not yet, or no more, while an app is migrated away
                cursor.execute(f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {site}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {site}")


def append_only_tables() -> list[str]:
    """The tables of the record."""
    versions = [model._meta.db_table for model in apps.get_models() if hasattr(model, "history_type")]
    return [EVENTS, LOG, *sorted(versions)]
