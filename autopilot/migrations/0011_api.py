"""A tenant's list of checkpoints by an index of its own: it must not read past everybody else's."""

from django.db import migrations, models

from autopilot.operations import AddIndex, StepwiseMigration


class Migration(StepwiseMigration):
    dependencies = [("autopilot", "0010_dashboard")]

    operations = [
        AddIndex(
            model_name="checkpoint",
            index=models.Index(fields=["tenant_id", "-created_at", "-id"], name="checkpoint_tenant_list"),
        ),
    ]
