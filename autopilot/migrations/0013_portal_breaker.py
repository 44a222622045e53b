"""How a portal is left alone that fails again and again, and how many jobs may talk to one at a time."""

import django.db.models.deletion
from django.db import migrations, models

from autopilot.operations import StepwiseMigration


class Migration(StepwiseMigration):

    dependencies = [
        ('autopilot', '0012_groups_purge'),
    ]

    operations = [
        migrations.AddField(
            model_name='portal',
            name='failures',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='How often in a row it gave no answer, or none of use.'),
        ),
        migrations.AddField(
            model_name='portal',
            name='paused_until',
            field=models.DateTimeField(blank=True, editable=False, help_text='When it is tried again, after five failures in a row.', null=True),
        ),
        migrations.CreateModel(
            name='PortalLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('holder', models.UUIDField(help_text='The submission that holds it.', null=True)),
                ('until', models.DateTimeField(help_text="When it is free again, even if its holder's process died.", null=True)),
                ('portal', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='autopilot.portal')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('portal', 'number'), name='portal_line_once')],
            },
        ),
    ]
