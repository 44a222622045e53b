"""Leave PostgreSQL one index alone for the queue: it took others, and a sort of the whole backlog, for as good."""

from django.db import models

from autopilot.operations import AddIndex, RemoveIndex, StepwiseMigration


class Migration(StepwiseMigration):
    dependencies = [("autopilot", "0020_groups_documents")]
    operations = [
        AddIndex(
            model_name="job",
            index=models.Index(
                name="job_live",
                fields=["worker", "status"],
                condition=~models.Q(status__in=("completed", "failed", "cancelled", "skipped")),
            ),
        ),
        RemoveIndex(model_name="job", name="job_active"),
        RemoveIndex(model_name="job", name="job_next_due"),
    ]
