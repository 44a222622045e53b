"""Days on which a holder does not teach; and what each session was made of."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import autopilot.identifiers
from autopilot.operations import AddConstraint, StepwiseMigration


class Migration(StepwiseMigration):
    dependencies = [("programs", "0007_billing")]
    operations = [
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("date", models.DateField()),
                ("name", models.CharField(help_text="Why: Thanksgiving, teachers' day.", max_length=80)),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="programs.holder",
                    ),
                ),
            ],
            options={
                "ordering": ["holder", "date"],
                "constraints": [models.UniqueConstraint(fields=("holder", "date"), name="closure_once")],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="rule_date",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="The day its weekly rule named; empty: it was added by hand.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="rule_starts_at",
            field=models.TimeField(blank=True, editable=False, null=True),
        ),
        AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                name="session_once_per_rule",
                fields=("cohort", "rule_date", "rule_starts_at"),
                condition=Q(rule_date__isnull=False),
            ),
        ),
    ]
