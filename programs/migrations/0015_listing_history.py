"""What has happened to a listing is kept: neither changed nor deleted."""

import autopilot.clock
import django.db.models.deletion
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect
from autopilot.operations import StepwiseMigration

STATUSES = [
    ("prepared", "Prepared"),
    ("in_review", "In review"),
    ("submitted", "Submitted to the state"),
    ("listed", "Listed"),
    ("denied", "Denied"),
    ("withdrawn", "Withdrawn"),
    ("expired", "Expired"),
]


def guard(apps, schema_editor):
    model = apps.get_model("programs", "ListingStatusChange")
    protect(schema_editor, model)
    keep(schema_editor, model)


def unguard(apps, schema_editor):
    model = apps.get_model("programs", "ListingStatusChange")
    unprotect(schema_editor, model)
    release(schema_editor, model)


class Migration(StepwiseMigration):
    dependencies = [("programs", "0014_enrollment_terms")]
    operations = [
        migrations.CreateModel(
            name="ListingStatusChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("from_status", models.CharField(blank=True, choices=STATUSES, max_length=9)),
                ("to_status", models.CharField(choices=STATUSES, max_length=9)),
                ("reason", models.TextField(blank=True)),
                ("actor_label", models.CharField(blank=True, max_length=150)),
                ("at", models.DateTimeField(default=autopilot.clock.now)),
                (
                    "listing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status_changes",
                        to="programs.listing",
                    ),
                ),
            ],
            options={
                "ordering": ["listing", "id"],
                "indexes": [models.Index(fields=["listing", "id"], name="listing_change_by_row")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("to_status__in", [name for name, _ in STATUSES])),
                        name="listing_change_status_known",
                    )
                ],
            },
        ),
        migrations.RunPython(guard, unguard),
    ]
