"""Indexes by which the desk finds one request among a million; and why somebody exported."""

import callbacks.models.request
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


# `unaccent` is not immutable, since its dictionary may change; the one it comes with does not.
PLAIN_NAME = """
CREATE FUNCTION callbacks_plain_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lower(public.unaccent('public.unaccent', name)) $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('callbacks', '0005_the_desk'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(PLAIN_NAME, "DROP FUNCTION callbacks_plain_name(text)"),
        migrations.AlterField(
            model_name='note',
            name='request',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='callbacks.callbackrequest'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(django.db.models.functions.comparison.Coalesce('earlier_id', 'id'), models.F('id'), condition=models.Q(('due_at__isnull', False)), name='request_open_by_person'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(fields=['status', '-created_at'], name='request_by_status'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(fields=['channel', '-created_at'], name='request_by_channel'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('status', 'closed')), fields=['outcome', '-closed_at', '-id'], name='request_closed_by_outcome'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('status', 'closed')), fields=['channel', '-closed_at', '-id'], name='request_closed_by_channel'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('status', 'closed')), fields=['-closed_at', '-id'], name='request_last_closed'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(callbacks.models.request.PlainName('full_name'), 'gin_trgm_ops'), name='request_find_name'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('email'), 'gin_trgm_ops'), name='request_find_email'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Replace('reference', models.Value('-'), models.Value('')), 'gin_trgm_ops'), name='request_find_reference'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('phone'), 'gin_trgm_ops'), name='request_find_phone'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('failed_at__isnull', False), ('kind__in', ['not_viable', 'declined'])), fields=['failed_at'], name='notification_to_say'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('kind__in', ['arrivals', 'unclaimed'])), fields=['kind', 'created_at'], name='notification_about_many'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(('request__isnull', False), models.Q(('event__isnull', False), ('kind', 'reason')), _connector='OR'), name='only_the_reason_of_an_export_is_about_no_request'),
        ),
    ]
