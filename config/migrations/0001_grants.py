"""What the group Administrator may do about people and their sign-ins."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GRANTS = {
    "auth": ["view_user", "add_user", "change_user", "view_group", "add_group", "change_group"],
    "mfa": ["view_authenticator", "delete_authenticator"],
    "usersessions": ["view_usersession", "delete_usersession"],
    "axes": ["view_accessattempt", "delete_accessattempt", "view_accesslog"],
}


def _create_permissions(app_config, apps, using):
    # Django makes permissions only after the last migration, and only for apps that say they have models.
    kept = getattr(app_config, "models_module", None)
    app_config.models_module = True
    create_permissions(app_config, verbosity=0, apps=apps, using=using)
    app_config.models_module = kept


def grant(apps, schema_editor):
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Administrator")
    for label, codenames in GRANTS.items():
        _create_permissions(apps.get_app_config(label), apps, schema_editor.connection.alias)
        found = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label=label, codename__in=codenames
        )
        if found.count() != len(codenames):
            raise LookupError(f"Permissions of {label} are missing.")
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("autopilot", "0007_groups_console"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0001_initial"),
        ("mfa", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
