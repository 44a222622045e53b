"""The groups of staff, with what each may do on the ground floor."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEW = ["view_job", "view_attempt", "view_step", "view_event", "view_checkpoint", "view_checkpointrevision",
        "view_decision", "view_worker", "view_schedule", "view_outboxmessage", "view_portal", "view_submission",
        "view_document", "view_clusterheartbeat", "view_clusterrestart"]  # fmt: skip
DECIDE = ["decide_checkpoint"]
OPERATE = ["control_job", "control_worker", "change_worker", "add_schedule", "change_schedule", "delete_schedule",
           "record_submission"]  # fmt: skip
CONFIGURE = ["add_portal", "change_portal"]
READ_AUDIT = ["view_auditentry"]

GROUPS = {
    "Administrator": VIEW + DECIDE + OPERATE + CONFIGURE + READ_AUDIT,
    "Operator": VIEW + DECIDE + OPERATE,
    "Reviewer": VIEW + DECIDE,
    "Auditor": VIEW + READ_AUDIT,
    "Case manager": VIEW + DECIDE,
    "Compliance officer": VIEW + DECIDE,
    "Finance": VIEW + DECIDE,
}


def _create_permissions(app_config, apps, using):
    # Django makes permissions only after the last migration, and only for apps that say they have models.
    app_config.models_module = True
    create_permissions(app_config, verbosity=0, apps=apps, using=using)
    app_config.models_module = None


def create(apps, schema_editor):
    _create_permissions(apps.get_app_config("autopilot"), apps, schema_editor.connection.alias)
    permission = apps.get_model("auth", "Permission")
    for name, codenames in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        found = permission.objects.filter(content_type__app_label="autopilot", codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions are missing for {name}.")
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0002_append_only"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
