"""What a version can be found by, worked out once, when it is saved. The columns stand beside Django's
state: they are only searched, and no page that is read carries them along.

`words` are the stems, heavier (A to D) in title and topic than in summary, headings and text; a topic is
also found when it is written as one word. `spellings` are the words as they are written, for whoever
mistypes one. A body is searched up to 200,000 characters: a tsvector has an upper limit, and no text may
fail to be saved because of it.

PostgreSQL changes the type of no column that a generated one is made from: a migration that widens title,
topic, summary or body takes these two away first, and adds them again."""

from django.db import migrations

# Between tags nothing is a word; between the headings nothing is a heading.
TEXT = "regexp_replace(left(body, 200000), '<[^>]*>', ' ', 'g')"
HEADINGS = "regexp_replace('</h2>' || left(body, 200000) || '<h2>', '</h[23]>.*?<h[23]>', ' ', 'g')"
NAME = "title || ' ' || topic || ' ' || replace(topic, ' ', '')"

WORDS = f"""
    setweight(to_tsvector('english', {NAME}), 'A')
    || setweight(to_tsvector('english', summary), 'B')
    || setweight(to_tsvector('english', {HEADINGS}), 'C')
    || setweight(to_tsvector('english', {TEXT}), 'D')
"""
SPELLINGS = f"tsvector_to_array(to_tsvector('simple', {NAME} || ' ' || summary || ' ' || {TEXT}))"


class Migration(migrations.Migration):
    dependencies = [("pages", "0003_publishing")]

    operations = [
        # `callbacks` may have made it already, and needs it still: it is never taken away.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE pages_historicalpage "
            f"ADD COLUMN words tsvector GENERATED ALWAYS AS ({WORDS}) STORED, "
            f"ADD COLUMN spellings text[] GENERATED ALWAYS AS ({SPELLINGS}) STORED",
            "ALTER TABLE pages_historicalpage DROP COLUMN words, DROP COLUMN spellings",
        ),
        migrations.RunSQL(
            "CREATE INDEX a_version_is_found_by_its_words ON pages_historicalpage USING gin (words)",
            "DROP INDEX a_version_is_found_by_its_words",
        ),
    ]
