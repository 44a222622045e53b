"""Files that are chosen for a form, until an application is sent or they are destroyed."""

import autopilot.clock
import django.db.models.deletion
from django.db import migrations, models

from autopilot.operations import StepwiseMigration


def note(apps, schema_editor):
    """Note what was chosen before; what was sent is found by the job that forgets, and left alone."""
    uploads, documents = apps.get_model("programs", "ApplicationUpload"), apps.get_model("autopilot", "Document")
    chosen = documents.objects.filter(title__startswith="Attachment: ", template="").values_list("pk", "created_at")
    for pk, at in chosen.iterator():
        uploads.objects.get_or_create(document_id=pk, defaults={"uploaded_at": at})


class Migration(StepwiseMigration):
    dependencies = [("programs", "0015_listing_history"), ("autopilot", "0017_archive")]
    operations = [
        migrations.CreateModel(
            name="ApplicationUpload",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("uploaded_at", models.DateTimeField(db_index=True, default=autopilot.clock.now)),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="autopilot.document"
                    ),
                ),
            ],
            options={"ordering": ["uploaded_at", "id"], "default_permissions": ()},
        ),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
