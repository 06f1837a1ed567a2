"""Events are appended, never edited; notes belong to their request's events; the first opening hours."""

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

# A note that belongs to an event belongs to the event's own request.
SAME_REQUEST = """
ALTER TABLE callbacks_event ADD CONSTRAINT an_event_is_of_its_request UNIQUE (id, request_id);
ALTER TABLE callbacks_note ADD CONSTRAINT a_note_is_on_an_event_of_its_own_request
    FOREIGN KEY (event_id, request_id) REFERENCES callbacks_event (id, request_id);
"""

UNGUARD = """
ALTER TABLE callbacks_note DROP CONSTRAINT a_note_is_on_an_event_of_its_own_request;
ALTER TABLE callbacks_event DROP CONSTRAINT an_event_is_of_its_request;
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
        migrations.RunSQL(GUARD + SAME_REQUEST, UNGUARD),
        migrations.RunPython(open_on_weekdays, migrations.RunPython.noop),
    ]
