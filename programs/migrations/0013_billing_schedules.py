"""The duties of billing by the calendar: what is overdue, every day; what was earned, at the end of each month."""

from django.conf import settings
from django.db import migrations

SCHEDULES = {
    "Billing: mark what is overdue": ("billing.overdue", "20 0 * * *"),
    "Billing: work out what holders earned": ("billing.accrue", "40 0 1 * *"),
}


def lay(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="billing")
    for name, (kind, cron) in SCHEDULES.items():
        apps.get_model("autopilot", "Schedule").objects.get_or_create(
            name=name, defaults={"worker": worker, "kind": kind, "cron": cron, "time_zone": settings.TIME_ZONE}
        )


def lift(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name__in=SCHEDULES).delete()


class Migration(migrations.Migration):
    dependencies = [("programs", "0012_listings"), ("autopilot", "0015_groups_forms")]
    operations = [migrations.RunPython(lay, lift)]
