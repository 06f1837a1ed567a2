"""The owner's role makes the tables. The site's own may use them, and no more."""

from typing import Any

from django.conf import settings
from django.db import connections

APPEND_ONLY = ["callbacks_event"]


def grant_to_the_site(*, using: str, **kwargs: Any) -> None:
    """Let the role of DATABASE_URL work with what the owner's migrations have made, events only to
    be read and added to (a `post_migrate` receiver; with one role for both there is nothing to do).
    """
    site, owner = settings.DATABASES["default"]["USER"], settings.DATABASES[using]["USER"]
    if site == owner:
        return
    connection = connections[using]
    role = connection.ops.quote_name(str(site))
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM {role}")
