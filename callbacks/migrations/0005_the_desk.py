"""What the desk needs: parties, call scripts, message texts, undo; and what is held by a resemblance."""

import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

from callbacks import limitation


def rang_when_entered(apps, schema_editor):
    """Of what staff entered before now, nobody kept when the person rang."""
    requests = apps.get_model("callbacks", "CallbackRequest").objects.using(schema_editor.connection.alias)
    requests.exclude(channel="web").update(rang_at=F("created_at"))


def know_the_time_limits(apps, schema_editor):
    requests = apps.get_model("callbacks", "CallbackRequest").objects.using(schema_editor.connection.alias)
    for request in requests.filter(due_at__isnull=False):
        if limitation.not_for_a_clock(request.procedure, request.clinic, request.message):
            continue
        clock = limitation.clock(request.procedure_date, today=timezone.localdate())
        request.limitation_day = clock and clock.court_day
        request.save(update_fields=["limitation_day"])


def write_first_script(apps, schema_editor):
    """The guide that stands from the first day has its questions."""
    scripts = apps.get_model("callbacks", "CallScript").objects.using(schema_editor.connection.alias)
    scripts.create(topic="Thread lift", other_words=THREAD_LIFT_WORDS, questions=THREAD_LIFT_QUESTIONS)


THREAD_LIFT_WORDS = "threads, PDO threads, thread face lift, barbed threads"
THREAD_LIFT_QUESTIONS = """\
What did they hope the thread lift would do, and what has happened instead?
Which of these do they have: visible threads or lumps, asymmetry, lasting pain, infection, a reaction, numbness or weakness, stiffness?
Was there a consultation beforehand, with whom, and were the risks explained?
What did the clinic say when they told it?
Have they seen another doctor since, and what did that doctor say?
Do they have records, photographs or messages?"""


class Migration(migrations.Migration):

    dependencies = [
        ('callbacks', '0004_names_are_found_without_their_accents'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='CallScript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(blank=True, help_text='The procedure, as the guide about it has it: “Thread lift”. Empty: for all others.', max_length=120, unique=True)),
                ('other_words', models.CharField(blank=True, help_text='How else people write it, with commas: “threads, PDO lift”.', max_length=300)),
                ('opening', models.TextField(default='Ask for them by name. Say your name, and that you are ringing as they asked. Ask whether it is a good moment, and whether they are alone.', help_text='How to begin, and what may be said.', max_length=1000)),
                ('questions', models.TextField(default='What was done, and what went wrong?\nWhat were they told beforehand about the risks, and did they sign anything?\nHave they seen another doctor since, and what did that doctor say?\nWhat has it meant for them: pain, work, money, further treatment?\nDo they have records, photographs or messages?\nHave they spoken to another solicitor, or complained to the clinic?', help_text='One on each line, a few that decide whether there is a case. Asked before them, always: who carried it out, and when it was.', max_length=2000)),
            ],
            options={
                'ordering': ['topic'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalMessageTexts',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('not_viable', models.TextField(default='We have looked at what you told us, and we are not able to act for you. We are sorry that this is not better news.\n\nThis does not mean that you have no claim. Another solicitor may see it differently, and you are free to ask one.\n\nTime limits apply. A claim for an injury must usually be at court within three years, sometimes sooner, so if you want further advice please seek it soon.\n\nWe are not acting for you, and will do nothing further.', help_text='It must say that we are not acting, that time limits apply, and to seek other advice. Name neither the firm nor a procedure: others may read it.', max_length=2000, verbose_name='when we cannot act')),
                ('declined', models.TextField(default='You have decided not to go on with us, and we respect that.\n\nIf you change your mind, or would like advice from another solicitor, please do not leave it long. Time limits apply: a claim for an injury must usually be at court within three years, sometimes sooner.\n\nWe are not acting for you, and will do nothing further.', help_text='As above.', max_length=2000, verbose_name='when they decided not to go on')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical message texts',
                'verbose_name_plural': 'historical message texts',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='MessageTexts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('not_viable', models.TextField(default='We have looked at what you told us, and we are not able to act for you. We are sorry that this is not better news.\n\nThis does not mean that you have no claim. Another solicitor may see it differently, and you are free to ask one.\n\nTime limits apply. A claim for an injury must usually be at court within three years, sometimes sooner, so if you want further advice please seek it soon.\n\nWe are not acting for you, and will do nothing further.', help_text='It must say that we are not acting, that time limits apply, and to seek other advice. Name neither the firm nor a procedure: others may read it.', max_length=2000, verbose_name='when we cannot act')),
                ('declined', models.TextField(default='You have decided not to go on with us, and we respect that.\n\nIf you change your mind, or would like advice from another solicitor, please do not leave it long. Time limits apply: a claim for an injury must usually be at court within three years, sometimes sooner.\n\nWe are not acting for you, and will do nothing further.', help_text='As above.', max_length=2000, verbose_name='when they decided not to go on')),
            ],
            options={
                'verbose_name': 'message texts',
                'verbose_name_plural': 'message texts',
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='A clinic, a company or a practitioner the firm acts or has acted for, not an opponent. One name on each line of the list: add other names of the same party as parties of their own.', max_length=200, unique=True)),
                ('remark', models.CharField(blank=True, help_text='For partners, for example the matter.', max_length=200)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name_plural': 'parties',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Undo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('columns', models.JSONField()),
            ],
        ),
        migrations.AlterModelOptions(
            name='callbackrequest',
            options={'permissions': [('work_callbackrequest', 'Can work requests'), ('enter_callbackrequest', 'Can enter requests that came by telephone'), ('take_over_callbackrequest', "Can take over or reassign another's request"), ('report_callbackrequest', 'Can see the reports'), ('export_callbackrequest', 'Can export requests'), ('erase_callbackrequest', 'Can erase a person'), ('clear_conflict_callbackrequest', 'Can clear a conflict and read a hidden story'), ('decide_callbackrequest', 'Can decide what is with a solicitor')], 'verbose_name': 'request'},
        ),
        migrations.RemoveConstraint(
            model_name='event',
            name='an_event_is_of_a_known_kind',
        ),
        migrations.RemoveConstraint(
            model_name='notification',
            name='a_notice_is_of_a_known_kind',
        ),
        migrations.AddField(
            model_name='callbackrequest',
            name='case_number',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='callbackrequest',
            name='limitation_day',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='callbackrequest',
            name='rang_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='rang, or came'),
        ),
        migrations.AddField(
            model_name='event',
            name='held_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='event',
            name='undoes',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='callbacks.event'),
        ),
        migrations.AddField(
            model_name='note',
            name='edits',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='note',
            name='question',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('asked', 'asked to be called'), ('asked_again', 'asked again'), ('set_apart', 'set apart as suspected spam'), ('made_real', 'made a real request'), ('claimed', 'claimed it'), ('lapsed', 'the claim lapsed'), ('taken_over', 'took it over'), ('released', 'let it go'), ('calling', 'began a call'), ('no_answer', 'no answer'), ('left_message', 'left a message'), ('wrong_number', 'wrong number'), ('spoke', 'spoke with them'), ('call_again', 'set a time to call again'), ('other_time', 'agreed another time'), ('to_solicitor', 'passed it to a solicitor'), ('closed', 'closed it'), ('reopened', 'reopened it'), ('noted', 'wrote a note'), ('number_corrected', 'corrected the number'), ('added', 'added something'), ('gave_up', 'closed: could not be reached'), ('undone', 'took that back'), ('they_rang', 'took their call'), ('resembles', 'held: somebody in it resembles a party'), ('cleared', 'found no conflict'), ('clinic_said', 'wrote down who carried it out'), ('answered', 'wrote down what they said'), ('said', 'told them that we are not acting'), ('handed_over', 'handed it over to the case system'), ('seen', 'looked at it'), ('exported', 'exported it')], max_length=20),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('receipt', 'we have your request'), ('changed', 'the time is another'), ('cancelled', 'cancelled, as you asked'), ('unreached', 'we could not reach you'), ('not_viable', 'we are not acting'), ('declined', 'we are not acting, as you chose'), ('resemblance', 'a request may name somebody we act for'), ('arrival', 'a request has come'), ('arrivals', 'requests have come'), ('unclaimed', 'requests are nearly due and nobody has claimed them')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('case_number', ''), ('outcome', 'taken_on')), fields=['closed_at'], name='request_to_hand_over'),
        ),
        migrations.AddIndex(
            model_name='callbackrequest',
            index=models.Index(condition=models.Q(('conflict_since__isnull', False)), fields=['conflict_since'], name='request_held'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('held_by__isnull', False)), fields=['held_by', 'at'], name='event_took_from'),
        ),
        migrations.RunPython(rang_when_entered, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='callbackrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'web'), ('rang_at__isnull', True)), models.Q(models.Q(('channel', 'web'), _negated=True), ('rang_at__isnull', False), ('rang_at__lte', models.F('created_at'))), _connector='OR'), name='who_rang_or_came_did_so_before_it_was_entered'),
        ),
        migrations.AddConstraint(
            model_name='callbackrequest',
            constraint=models.CheckConstraint(condition=models.Q(('case_number', ''), ('outcome', 'taken_on'), _connector='OR'), name='a_case_is_of_somebody_taken_on'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['asked', 'asked_again', 'set_apart', 'made_real', 'claimed', 'lapsed', 'taken_over', 'released', 'calling', 'no_answer', 'left_message', 'wrong_number', 'spoke', 'call_again', 'other_time', 'to_solicitor', 'closed', 'reopened', 'noted', 'number_corrected', 'added', 'gave_up', 'undone', 'they_rang', 'resembles', 'cleared', 'clinic_said', 'answered', 'said', 'handed_over', 'seen', 'exported'])), name='an_event_is_of_a_known_kind'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('undoes__isnull', True), ('kind', 'undone'), _connector='OR'), name='only_taking_back_undoes'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'answer'), models.Q(('question', ''), _negated=True)), models.Q(models.Q(('kind', 'answer'), _negated=True), ('question', '')), _connector='OR'), name='an_answer_names_its_question'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'answer')), fields=('request', 'question'), name='a_question_has_one_answer'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['receipt', 'changed', 'cancelled', 'unreached', 'not_viable', 'declined', 'resemblance', 'arrival', 'arrivals', 'unclaimed'])), name='a_notice_is_of_a_known_kind'),
        ),
        migrations.AddField(
            model_name='historicalmessagetexts',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='messagetexts',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='the_messages_are_one_row'),
        ),
        migrations.AddConstraint(
            model_name='messagetexts',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('not_viable', ''), _negated=True), models.Q(('declined', ''), _negated=True)), name='nobody_is_sent_an_empty_message'),
        ),
        migrations.AddConstraint(
            model_name='party',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='a_party_has_a_name'),
        ),
        migrations.AddField(
            model_name='undo',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='undo',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='callbacks.event'),
        ),
        migrations.AddField(
            model_name='undo',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='undos', to='callbacks.callbackrequest'),
        ),
        migrations.AddIndex(
            model_name='undo',
            index=models.Index(fields=['until'], name='undo_by_age'),
        ),
        migrations.AddConstraint(
            model_name='undo',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('at'))), name='an_undo_is_for_a_while'),
        ),
        migrations.RunPython(know_the_time_limits, migrations.RunPython.noop),
        migrations.RunPython(write_first_script, migrations.RunPython.noop),
    ]
