"""How long requests are kept, and what is left of one that is forgotten or erased."""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('callbacks', '0008_only_what_is_asked_for_is_read'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalRetentionPeriods',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('spam_and_duplicates', models.PositiveSmallIntegerField(default=30, help_text='Days after closing. Time enough to find one that was no spam after all.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='spam and duplicates')),
                ('taken_on', models.PositiveSmallIntegerField(default=30, help_text='Days after the case number was written down: from then on the case system holds it. Without a case number nothing is deleted.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='taken on')),
                ('not_reached_and_withdrawn', models.PositiveSmallIntegerField(default=90, help_text='Days after closing, for whoever gets in touch after all.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='could not be reached, and withdrawn')),
                ('all_others', models.PositiveSmallIntegerField(default=180, help_text='Days after closing: not viable, declined, instructed elsewhere, conflict of interest. The Legal Ombudsman takes complaints for a year.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='all others')),
                ('all_others_confirmed', models.BooleanField(default=False, help_text='Until this is ticked, the checks of the site remind you that it is a placeholder.', verbose_name='the firm has confirmed the period for all others')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical how long requests are kept',
                'verbose_name_plural': 'historical how long requests are kept',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='RetentionPeriods',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('spam_and_duplicates', models.PositiveSmallIntegerField(default=30, help_text='Days after closing. Time enough to find one that was no spam after all.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='spam and duplicates')),
                ('taken_on', models.PositiveSmallIntegerField(default=30, help_text='Days after the case number was written down: from then on the case system holds it. Without a case number nothing is deleted.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='taken on')),
                ('not_reached_and_withdrawn', models.PositiveSmallIntegerField(default=90, help_text='Days after closing, for whoever gets in touch after all.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='could not be reached, and withdrawn')),
                ('all_others', models.PositiveSmallIntegerField(default=180, help_text='Days after closing: not viable, declined, instructed elsewhere, conflict of interest. The Legal Ombudsman takes complaints for a year.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(2555)], verbose_name='all others')),
                ('all_others_confirmed', models.BooleanField(default=False, help_text='Until this is ticked, the checks of the site remind you that it is a placeholder.', verbose_name='the firm has confirmed the period for all others')),
            ],
            options={
                'verbose_name': 'how long requests are kept',
                'verbose_name_plural': 'how long requests are kept',
            },
        ),
        migrations.RemoveConstraint(
            model_name='event',
            name='an_event_is_of_a_known_kind',
        ),
        migrations.RemoveIndex(
            model_name='callbackrequest',
            name='request_to_hand_over',
        ),
        migrations.AddField(
            model_name='callbackrequest',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='erased'),
        ),
        migrations.AddField(
            model_name='event',
            name='ground',
            field=models.CharField(blank=True, choices=[('asked', 'They asked for it'), ('mistake', 'It was collected by mistake'), ('law', 'The law asks for it, or a court'), ('restored', 'It came back with an older backup')], db_default='', default='', max_length=10, verbose_name='why it was erased'),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('asked', 'asked to be called'), ('asked_again', 'asked again'), ('set_apart', 'set apart as suspected spam'), ('made_real', 'made a real request'), ('claimed', 'claimed it'), ('lapsed', 'the claim lapsed'), ('taken_over', 'took it over'), ('released', 'let it go'), ('calling', 'began a call'), ('no_answer', 'no answer'), ('left_message', 'left a message'), ('wrong_number', 'wrong number'), ('spoke', 'spoke with them'), ('call_again', 'set a time to call again'), ('other_time', 'agreed another time'), ('to_solicitor', 'passed it to a solicitor'), ('closed', 'closed it'), ('reopened', 'reopened it'), ('noted', 'wrote a note'), ('number_corrected', 'corrected the number'), ('added', 'added something'), ('gave_up', 'closed: could not be reached'), ('undone', 'took that back'), ('they_rang', 'took their call'), ('resembles', 'held: somebody in it resembles a party'), ('cleared', 'found no conflict'), ('clinic_said', 'wrote down who carried it out'), ('answered', 'wrote down what they said'), ('said', 'told them that we are not acting'), ('handed_over', 'handed it over to the case system'), ('seen', 'looked at it'), ('exported', 'exported it'), ('disclosed', 'made a file of all that we hold on them'), ('forgotten', 'what they told us was deleted, as its time had come'), ('erased', 'erased what they told us')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('case_number', ''), ('erased_at__isnull', True), ('outcome', 'taken_on')), fields=['closed_at'], name='request_to_hand_over'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), ('status', 'closed')), fields=['outcome', 'closed_at'], name='request_to_forget'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('erased_at__isnull', False)), fields=['erased_at'], name='request_erased'),
        ),
        migrations.AddConstraint(
            model_name='callbackrequest',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('call_needs', ''), ('case_number', ''), ('clinic', ''), ('conflict_since', None), ('email', ''), ('fingerprint', None), ('full_name', ''), ('leave_message', False), ('limitation_day', None), ('message', ''), ('page', ''), ('page_version', None), ('phone', ''), ('phone_typed', ''), ('procedure', ''), ('procedure_date', ''), ('say_who', False), ('set_apart_because', ''), ('status', 'closed')), _connector='OR'), name='an_erased_request_is_closed_and_holds_nothing'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['asked', 'asked_again', 'set_apart', 'made_real', 'claimed', 'lapsed', 'taken_over', 'released', 'calling', 'no_answer', 'left_message', 'wrong_number', 'spoke', 'call_again', 'other_time', 'to_solicitor', 'closed', 'reopened', 'noted', 'number_corrected', 'added', 'gave_up', 'undone', 'they_rang', 'resembles', 'cleared', 'clinic_said', 'answered', 'said', 'handed_over', 'seen', 'exported', 'disclosed', 'forgotten', 'erased'])), name='an_event_is_of_a_known_kind'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ground', ''), models.Q(('kind', 'erased'), _negated=True)), models.Q(('ground__in', ['asked', 'mistake', 'law', 'restored']), ('kind', 'erased')), _connector='OR'), name='an_erasure_says_why'),
        ),
        migrations.AddField(
            model_name='historicalretentionperiods',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='retentionperiods',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='the_periods_are_one_row'),
        ),
        migrations.AddConstraint(
            model_name='retentionperiods',
            constraint=models.CheckConstraint(condition=models.Q(('all_others__range', (7, 2555)), ('not_reached_and_withdrawn__range', (7, 2555)), ('spam_and_duplicates__range', (7, 2555)), ('taken_on__range', (7, 2555))), name='what_is_told_us_is_kept_from_a_week_to_seven_years'),
        ),
    ]
