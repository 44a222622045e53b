"""What the groups of staff may do with students; and what has happened to them is neither changed nor deleted."""

from importlib import import_module

from django.db import migrations

from autopilot.append_only import keep, protect, release, unprotect

with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

VIEW = ["view_student", "view_enrollment", "view_attendance", "view_weeklyreport"]
GRANTS = {
    "Administrator": [*VIEW, "control_enrollment"],
    "Reviewer": VIEW,
    "Auditor": VIEW,
    "Case manager": [*VIEW, "control_enrollment"],
    "Compliance officer": VIEW,
}
RECORDS = ["enrollmentstatuschange", "attendancechange"]


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("students"), apps, schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="students")
    for name, codenames in GRANTS.items():
        found = permissions.filter(codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions are missing for {name}.")
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*found)


def guard(apps, schema_editor):
    for name in RECORDS:
        model = apps.get_model("students", name)
        protect(schema_editor, model)
        keep(schema_editor, model)


def unguard(apps, schema_editor):
    for name in RECORDS:
        model = apps.get_model("students", name)
        unprotect(schema_editor, model)
        release(schema_editor, model)


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0002_rosters"),
        ("programs", "0004_holder_groups"),
        ("autopilot", "0003_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]
