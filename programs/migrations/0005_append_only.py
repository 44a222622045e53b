"""What has happened to holders and MOUs, and who signed what, is neither changed nor deleted."""

from django.db import migrations

from autopilot.append_only import keep, protect, release, unprotect

RECORDS = ["holderstatuschange", "moustatuschange", "signature"]


def guard(apps, schema_editor):
    for name in RECORDS:
        model = apps.get_model("programs", name)
        protect(schema_editor, model)
        keep(schema_editor, model)


def unguard(apps, schema_editor):
    for name in RECORDS:
        model = apps.get_model("programs", name)
        unprotect(schema_editor, model)
        release(schema_editor, model)


class Migration(migrations.Migration):
    dependencies = [("programs", "0004_holder_groups")]
    operations = [migrations.RunPython(guard, unguard)]
