"""What people said at a checkpoint is never changed; nor is on whose behalf somebody decided."""

from django.db import migrations

from autopilot.append_only import protect, unprotect

PEOPLE = ["actor_id", "requester_id", "last_editor_id"]


def renew(apps, schema_editor):
    comment, decision = (apps.get_model("autopilot", name) for name in ("checkpointcomment", "decision"))
    protect(schema_editor, comment, forgettable=["author_id"])
    unprotect(schema_editor, decision)
    protect(schema_editor, decision, forgettable=[*PEOPLE, "on_behalf_of_id"])


def restore(apps, schema_editor):
    comment, decision = (apps.get_model("autopilot", name) for name in ("checkpointcomment", "decision"))
    unprotect(schema_editor, comment)
    unprotect(schema_editor, decision)
    protect(schema_editor, decision, forgettable=PEOPLE, free=["on_behalf_of_id"])


class Migration(migrations.Migration):
    dependencies = [("autopilot", "0005_console")]
    operations = [migrations.RunPython(renew, restore)]
