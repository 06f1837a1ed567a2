"""Who made a publication when, what it says to visitors, what was passed or dropped; and drafts."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pages', '0002_a_publication_shows_a_version_of_its_own_page'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fields', models.JSONField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name='publication',
            name='change',
            field=models.CharField(blank=True, help_text='One line at the foot of the guide, for example: “Added what to do about an infection.” Leave it empty for what no reader needs to know.', max_length=120, verbose_name='what changed, for visitors'),
        ),
        migrations.AddField(
            model_name='publication',
            name='dropped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='publication',
            name='dropped_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='publication',
            name='made_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        # Until now each was live from the moment at which it was made.
        migrations.RunSQL("UPDATE pages_publication SET made_at = live_from", migrations.RunSQL.noop),
        migrations.AddField(
            model_name='publication',
            name='passed',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list),
        ),
        migrations.AddField(
            model_name='publication',
            name='passed_because',
            field=models.CharField(blank=True, max_length=500, verbose_name='why it goes out all the same'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', True), ('dropped_by__isnull', True)), models.Q(('dropped_at__isnull', False), ('dropped_at__lt', models.F('live_from')), ('dropped_by__isnull', False)), _connector='OR'), name='only_what_was_never_live_is_dropped_and_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(('passed', []), models.Q(('passed_because', ''), _negated=True), _connector='OR'), name='a_stop_is_passed_with_a_reason'),
        ),
        migrations.AddField(
            model_name='draft',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draft',
            name='page',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='pages.page'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('page', 'by'), name='a_person_has_one_draft_of_a_page', nulls_distinct=False),
        ),
    ]
