"""Find the newest messages of one tenant, which its portal lists."""

from django.db import models

from autopilot.operations import AddIndex, StepwiseMigration


class Migration(StepwiseMigration):
    dependencies = [("autopilot", "0015_groups_forms")]
    operations = [
        AddIndex(
            model_name="outboxmessage",
            index=models.Index(name="outbox_tenant", fields=["tenant_id", "-created_at", "-id"]),
        ),
    ]
