"""Pictures and their files, and the portrait of a profile."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pages', '0004_what_search_reads'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What you find it by. Visitors never see this.', max_length=120)),
                ('alternative_text', models.CharField(help_text='What the picture shows, in a sentence, for people who cannot see it. A page takes it over when the picture is put there, and keeps it.', max_length=250)),
                ('width', models.PositiveIntegerField(help_text='In pixels, of what was uploaded, upright.')),
                ('height', models.PositiveIntegerField()),
                ('fingerprint', models.CharField(help_text='SHA-256 of its pixels: the same picture twice is one.', max_length=64, unique=True)),
                ('uploaded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PictureFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('format', models.CharField(choices=[('webp', 'WebP'), ('jpeg', 'JPEG')], max_length=4)),
                ('hash', models.CharField(max_length=32, unique=True)),
                ('content', models.BinaryField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='page',
            name='only_a_profile_has_what_describes_a_person',
        ),
        migrations.AddField(
            model_name='picture',
            name='uploaded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalpage',
            name='portrait',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Shown round: best with the face in the middle, near the top. Without one, the initials stand there.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pages.picture'),
        ),
        migrations.AddField(
            model_name='page',
            name='portrait',
            field=models.ForeignKey(blank=True, help_text='Shown round: best with the face in the middle, near the top. Without one, the initials stand there.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pages.picture'),
        ),
        migrations.AddConstraint(
            model_name='page',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'profile'), models.Q(('expertise', ''), ('known_as', ''), ('portrait__isnull', True), ('qualifications', ''), ('role', ''), ('short_biography', ''), ('sra_id', '')), _connector='OR'), name='only_a_profile_has_what_describes_a_person', violation_error_message='Role, name, biography and portrait are for solicitors’ pages: leave them empty.'),
        ),
        migrations.AddField(
            model_name='picturefile',
            name='picture',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='pages.picture'),
        ),
        migrations.AddConstraint(
            model_name='picture',
            constraint=models.CheckConstraint(condition=models.Q(('alternative_text__regex', '\\S')), name='a_picture_has_an_alternative_text'),
        ),
        migrations.AddConstraint(
            model_name='picture',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '\\S')), name='a_picture_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='picture',
            constraint=models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='a_picture_has_a_width_and_a_height'),
        ),
        migrations.AddConstraint(
            model_name='picturefile',
            constraint=models.UniqueConstraint(fields=('picture', 'width', 'format'), name='a_picture_has_one_file_of_a_width_and_format'),
        ),
        migrations.AddConstraint(
            model_name='picturefile',
            constraint=models.CheckConstraint(condition=models.Q(('format__in', ['webp', 'jpeg'])), name='a_file_of_a_picture_is_webp_or_jpeg'),
        ),
        migrations.AddConstraint(
            model_name='picturefile',
            constraint=models.CheckConstraint(condition=models.Q(('hash__regex', '^[0-9a-f]{32}$')), name='a_file_of_a_picture_is_named_by_a_hash'),
        ),
        migrations.AddConstraint(
            model_name='picturefile',
            constraint=models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='a_file_of_a_picture_has_a_width_and_a_height'),
        ),
        migrations.AddConstraint(
            model_name='picturefile',
            constraint=models.CheckConstraint(condition=models.Q(('content', b''), _negated=True), name='a_file_of_a_picture_is_not_empty'),
        ),
        # What is compressed already is not compressed again, neither on the way in nor on the way out.
        migrations.RunSQL(
            "ALTER TABLE pages_picturefile ALTER COLUMN content SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
