"""Agencies' forms that go only with the applications of one state."""

from django.db import migrations, models

from autopilot.operations import StepwiseMigration
from autopilot.states import STATES


class Migration(StepwiseMigration):
    dependencies = [("autopilot", "0021_queue_indexes")]
    operations = [
        migrations.AddField(
            model_name="formedition",
            name="state",
            field=models.CharField(
                blank=True,
                choices=list(STATES.items()),
                db_default="",
                help_text="The state whose applications it goes with; empty: every state.",
                max_length=2,
            ),
        )
    ]
