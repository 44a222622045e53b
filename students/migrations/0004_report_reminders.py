"""Ask for missing weekly reports every Monday morning."""

from django.db import migrations

NAME = "Ask for weekly reports"


def schedule(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="report")
    apps.get_model("autopilot", "Schedule").objects.get_or_create(
        name=NAME, defaults={"worker": worker, "kind": "report.remind", "payload": {}, "cron": "0 7 * * 1"}
    )


def unschedule(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("students", "0003_groups"), ("autopilot", "0013_portal_breaker")]
    operations = [migrations.RunPython(schedule, unschedule)]
