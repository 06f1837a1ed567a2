"""A publication's version is one of its own page: a foreign key over both columns, which Django
cannot declare. A null version, which withdraws the page, is let through."""

from django.db import migrations

NAME = "a_publication_shows_a_version_of_its_own_page"


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE pages_historicalpage "
            "ADD CONSTRAINT a_version_is_of_one_page UNIQUE (history_id, id)",
            "ALTER TABLE pages_historicalpage DROP CONSTRAINT a_version_is_of_one_page",
        ),
        migrations.RunSQL(
            f"ALTER TABLE pages_publication ADD CONSTRAINT {NAME} "
            "FOREIGN KEY (version_id, page_id) REFERENCES pages_historicalpage (history_id, id) "
            "DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE pages_publication DROP CONSTRAINT {NAME}",
        ),
    ]
