"""Who may see, map and approve agencies' forms."""

from importlib import import_module

from django.db import migrations

with_permissions = import_module("autopilot.migrations.0007_groups_console")._create_permissions

PREPARING = ["Administrator", "Operator", "Compliance officer"]
READING = [*PREPARING, "Reviewer", "Auditor", "Case manager", "Finance"]
GRANTS = {
    "view_formedition": READING,
    "add_formedition": PREPARING,
    "change_formedition": PREPARING,
    "approve_formedition": PREPARING,
}


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("autopilot"), apps, schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="autopilot")
    for codename, names in GRANTS.items():
        permission = permissions.get(codename=codename)
        for group in apps.get_model("auth", "Group").objects.filter(name__in=names):
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0014_fillable_forms")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
