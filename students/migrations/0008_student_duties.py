"""What is done for students every day: look for those at risk, and write to leads."""

from django.conf import settings
from django.db import migrations

SCHEDULES = {
    "Students: look for those at risk": ("compliance", "compliance.at_risk", "0 6 * * *"),
    "Leads: write to those who have not answered": ("lead", "lead.follow_up", "0 9 * * *"),
}


def lay(apps, schema_editor):
    for name, (worker_name, kind, cron) in SCHEDULES.items():
        worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name=worker_name)
        apps.get_model("autopilot", "Schedule").objects.get_or_create(
            name=name, defaults={"worker": worker, "kind": kind, "cron": cron, "time_zone": settings.TIME_ZONE}
        )


def lift(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name__in=SCHEDULES).delete()


class Migration(migrations.Migration):
    dependencies = [("students", "0007_student_life"), ("autopilot", "0019_template_versions")]
    operations = [migrations.RunPython(lay, lift)]
