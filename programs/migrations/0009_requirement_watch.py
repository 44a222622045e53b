"""The day's look at what holders must prove, which reminds and lets expire; staff may move its time."""

from django.conf import settings
from django.db import migrations

NAME = "Requirements: remind and expire"


def lay(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="requirement")
    apps.get_model("autopilot", "Schedule").objects.get_or_create(
        name=NAME,
        defaults={
            "worker": worker, "kind": "requirement.watch", "cron": "5 0 * * *", "time_zone": settings.TIME_ZONE,
        },
    )  # fmt: skip


def lift(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("programs", "0008_sessions"), ("autopilot", "0016_outbox_of_a_tenant")]
    operations = [migrations.RunPython(lay, lift)]
