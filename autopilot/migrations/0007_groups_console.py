"""What the groups of staff may do at the console."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

REVIEWERS = ["Administrator", "Operator", "Reviewer", "Case manager", "Compliance officer", "Finance"]
EVERYBODY = [*REVIEWERS, "Auditor"]

GRANTS = {
    "view_checkpointcomment": EVERYBODY,
    "view_delegation": EVERYBODY,
    "add_delegation": REVIEWERS,
    "manage_delegation": ["Administrator"],
    "assign_checkpoint": ["Administrator", "Operator"],
    "resend_outboxmessage": ["Administrator", "Operator"],
    "view_webhookendpoint": ["Administrator", "Operator", "Auditor"],
    "view_webhookdelivery": ["Administrator", "Operator", "Auditor"],
    "add_webhookendpoint": ["Administrator"],
    "change_webhookendpoint": ["Administrator"],
    "view_apitoken": ["Administrator", "Auditor"],
    "add_apitoken": ["Administrator"],
    "change_apitoken": ["Administrator"],
}


def _create_permissions(app_config, apps, using):
    # Django makes permissions only after the last migration, and only for apps that say they have models.
    app_config.models_module = True
    create_permissions(app_config, verbosity=0, apps=apps, using=using)
    app_config.models_module = None


def grant(apps, schema_editor):
    _create_permissions(apps.get_app_config("autopilot"), apps, schema_editor.connection.alias)
    for codename, names in GRANTS.items():
        permission = apps.get_model("auth", "Permission").objects.get(
            content_type__app_label="autopilot", codename=codename
        )
        for group in apps.get_model("auth", "Group").objects.filter(name__in=names):
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0006_append_only_comments")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
