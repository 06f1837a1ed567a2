"""Events are appended, never edited: the database refuses anything else. And the first opening hours."""

from datetime import time

from django.db import migrations

GUARD = """
CREATE FUNCTION callbacks_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an event is on record: it can be neither changed nor deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER callbacks_event_stays BEFORE UPDATE OR DELETE ON callbacks_event
    FOR EACH ROW EXECUTE FUNCTION callbacks_event_stays();
"""

UNGUARD = """
DROP TRIGGER callbacks_event_stays ON callbacks_event;
DROP FUNCTION callbacks_event_stays();
"""


def open_on_weekdays(apps, schema_editor):
    OpeningHours = apps.get_model("callbacks", "OpeningHours")
    OpeningHours.objects.using(schema_editor.connection.alias).bulk_create(
        OpeningHours(weekday=weekday, opens=time(9), closes=time(17, 30)) for weekday in range(5)
    )


class Migration(migrations.Migration):
    dependencies = [("callbacks", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunPython(open_on_weekdays, migrations.RunPython.noop),
    ]
