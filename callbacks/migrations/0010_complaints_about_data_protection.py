"""Complaints about data protection, and the e-mail that acknowledges one."""

import callbacks.reference
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0009_how_long_requests_are_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DataComplaint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=callbacks.reference.new_reference, editable=False, max_length=12, unique=True
                    ),
                ),
                ("full_name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "reach",
                    models.TextField(blank=True, max_length=400, verbose_name="telephone or postal address"),
                ),
                ("happened", models.TextField(blank=True, max_length=4000, verbose_name="what happened")),
                (
                    "about",
                    models.CharField(blank=True, max_length=40, verbose_name="reference that they gave"),
                ),
                ("fingerprint", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                (
                    "set_apart_because",
                    models.CharField(blank=True, max_length=300, verbose_name="why it may not be a person’s"),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("acknowledge_by", models.DateField()),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="acknowledged")),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        help_text="What was found, what was done, and what they were told.",
                        max_length=4000,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
            ],
            options={
                "verbose_name": "data-protection complaint",
                "default_permissions": ["view", "change"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="notification",
            name="a_notice_names_its_request_unless_it_is_about_many",
        ),
        migrations.RemoveConstraint(
            model_name="notification",
            name="a_notice_is_of_a_known_kind",
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "we have your request"),
                    ("changed", "the time is another"),
                    ("cancelled", "cancelled, as you asked"),
                    ("unreached", "we could not reach you"),
                    ("not_viable", "we are not acting"),
                    ("declined", "we are not acting, as you chose"),
                    ("complaint", "we have your complaint"),
                    ("resemblance", "a request may name somebody we act for"),
                    ("arrival", "a request has come"),
                    ("arrivals", "requests have come"),
                    ("unclaimed", "requests are nearly due and nobody has claimed them"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="datacomplaint",
            name="acknowledged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="datacomplaint",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="complaint",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="callbacks.datacomplaint",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "receipt",
                            "changed",
                            "cancelled",
                            "unreached",
                            "not_viable",
                            "declined",
                            "complaint",
                            "resemblance",
                            "arrival",
                            "arrivals",
                            "unclaimed",
                        ],
                    )
                ),
                name="a_notice_is_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["arrivals", "unclaimed"]), ("request__isnull", True)),
                    models.Q(("kind", "complaint"), ("request__isnull", True)),
                    models.Q(
                        ("request__isnull", False),
                        models.Q(("kind__in", ["arrivals", "unclaimed", "complaint"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_notice_names_its_request_unless_it_is_about_many",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("complaint__isnull", False), ("kind", "complaint")),
                    models.Q(("complaint__isnull", True), models.Q(("kind", "complaint"), _negated=True)),
                    _connector="OR",
                ),
                name="a_notice_names_its_complaint_where_it_is_of_one",
            ),
        ),
        migrations.AddIndex(
            model_name="datacomplaint",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["acknowledge_by"],
                name="complaint_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="datacomplaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", False),
                    models.Q(
                        models.Q(("happened", ""), _negated=True),
                        models.Q(
                            models.Q(("email", ""), _negated=True),
                            models.Q(("reach", ""), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="an_open_complaint_says_what_happened_and_whom_to_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="datacomplaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_by__isnull", True), ("acknowledged_at__isnull", False), _connector="OR"
                ),
                name="who_acknowledged_a_complaint_did_so_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="datacomplaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_complaint_is_closed_by_somebody",
            ),
        ),
    ]
