"""Staff write templates of documents."""

import autopilot.clock
import autopilot.identifiers
import django.db.models.deletion
from importlib import import_module

from django.conf import settings
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect


with_permissions = import_module("autopilot.migrations.0007_groups_console")._create_permissions

WRITING = ["Administrator", "Compliance officer"]
READING = [*WRITING, "Operator", "Reviewer", "Auditor", "Case manager", "Finance"]
GRANTS = {
    "view_templateversion": READING,
    "add_templateversion": WRITING,
    "change_templateversion": WRITING,
    "approve_templateversion": WRITING,
}
# From its approval on, only its retirement is written to a version; and none is ever deleted.
FREE = ["status", "retired_by_id", "retired_on"]


def guard(apps, schema_editor):
    model = apps.get_model("autopilot", "TemplateVersion")
    protect(schema_editor, model, free=FREE, once='OLD."approved_at" IS NOT NULL')
    keep(schema_editor, model)


def unguard(apps, schema_editor):
    model = apps.get_model("autopilot", "TemplateVersion")
    unprotect(schema_editor, model)
    release(schema_editor, model)


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("autopilot"), apps, schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="autopilot")
    for codename, names in GRANTS.items():
        permission = permissions.get(codename=codename)
        for group in apps.get_model("auth", "Group").objects.filter(name__in=names):
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ("autopilot", "0018_submission_attachments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TemplateVersion',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('slug', models.CharField(max_length=50, verbose_name='document type')),
                ('number', models.PositiveIntegerField()),
                ('source', models.TextField(help_text='In the template language.')),
                ('note', models.CharField(max_length=300, verbose_name='what is new')),
                ('preview', models.BinaryField(help_text="The PDF it makes of the type's sample data, as the approver sees it.")),
                ('revision', models.PositiveIntegerField(default=1, help_text='Grows whenever the draft is stored.')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('retired', 'Retired')], default='draft', max_length=8)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('effective_on', models.DateField(blank=True, help_text='First day whose documents are made by it.', null=True)),
                ('retired_on', models.DateField(blank=True, help_text='First day whose documents are not made by it.', null=True)),
                ('created_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'document template',
                'ordering': ['slug', '-number'],
                'permissions': [('approve_templateversion', 'Can approve or retire document templates')],
                'constraints': [models.UniqueConstraint(fields=('slug', 'number'), name='template_version_once'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'approved', 'retired'])), name='template_version_status'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('author')), _negated=True), _connector='OR'), name='template_version_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('effective_on__isnull', False)), _connector='OR'), name='template_version_approved_by'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'retired'), _negated=True), models.Q(('retired_by__isnull', False), ('retired_on__isnull', False)), _connector='OR'), name='template_version_retired_by')],
            },
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
