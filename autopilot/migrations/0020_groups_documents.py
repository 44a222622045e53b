"""Who may ask for documents to be made."""

from importlib import import_module

from django.db import migrations

with_permissions = import_module("autopilot.migrations.0007_groups_console")._create_permissions

ASKING = ["Administrator", "Operator", "Reviewer", "Case manager", "Compliance officer", "Finance"]


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("autopilot"), apps, schema_editor.connection.alias)
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="autopilot", codename="add_document"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ASKING):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0019_template_versions")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
