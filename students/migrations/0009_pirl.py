"""The schemas of the PIRL that were loaded, and who may look at them."""

from importlib import import_module

import autopilot.clock
import autopilot.identifiers
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

VIEWERS = ["Administrator", "Auditor", "Compliance officer"]


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("students"), apps, schema_editor.connection.alias)
    found = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="students", codename="view_pirlschema"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=VIEWERS):
        group.permissions.add(found)


class Migration(migrations.Migration):

    dependencies = [
        ('students', '0008_student_duties'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PirlSchema',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.CharField(max_length=20, unique=True)),
                ('elements', models.JSONField(help_text='The columns in their order, each with what it may hold.')),
                ('columns', models.PositiveSmallIntegerField()),
                ('source', models.CharField(help_text='The file it was read from.', max_length=200)),
                ('digest', models.CharField(help_text='SHA-256 of that file.', max_length=64)),
                ('effective_from', models.DateField(blank=True, null=True)),
                ('effective_to', models.DateField(blank=True, null=True)),
                ('loaded_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
                ('loaded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'PIRL schema',
                'ordering': ['-effective_from', '-version'],
                'constraints': [models.CheckConstraint(condition=models.Q(('columns__gt', 0)), name='pirl_schema_has_columns'), models.CheckConstraint(condition=models.Q(('effective_to', None), ('effective_from', None), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='pirl_schema_ends_after_it_begins')],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
