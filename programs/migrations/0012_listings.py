"""Reminders of listings that expire, and the duties of the night: listings, and cohorts whose first day has come."""

from django.conf import settings
from django.db import migrations, models

from autopilot.operations import StepwiseMigration

SCHEDULES = {
    "Listings: remind and expire": ("listing", "listing.watch", "15 0 * * *"),
    "Cohorts: start by their day": ("cohort", "cohort.start_due", "20 0 * * *"),
}


def lay(apps, schema_editor):
    for name, (worker_name, kind, cron) in SCHEDULES.items():
        worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name=worker_name)
        apps.get_model("autopilot", "Schedule").objects.get_or_create(
            name=name,
            defaults={"worker": worker, "kind": kind, "cron": cron, "time_zone": settings.TIME_ZONE},
        )


def lift(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name__in=SCHEDULES).delete()


class Migration(StepwiseMigration):
    dependencies = [("programs", "0011_intake"), ("autopilot", "0016_outbox_of_a_tenant")]
    operations = [
        migrations.AddField(
            model_name="listing",
            name="reminded_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                editable=False,
                help_text="The newest reminder: so many days before it expires.",
                null=True,
            ),
        ),
        migrations.RunPython(lay, lift),
    ]
