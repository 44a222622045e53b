"""What the groups of staff may see of applications."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEW = ["view_application"]
GROUPS = ["Administrator", "Operator", "Reviewer", "Auditor", "Case manager", "Compliance officer", "Finance"]


def _create_permissions(app_config, apps, using):
    # Django makes permissions only after the last migration, and only for apps that say they have models.
    app_config.models_module = True
    create_permissions(app_config, verbosity=0, apps=apps, using=using)
    app_config.models_module = None


def grant(apps, schema_editor):
    _create_permissions(apps.get_app_config("programs"), apps, schema_editor.connection.alias)
    found = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="programs", codename__in=VIEW)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("autopilot", "0003_groups")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
