"""The archive gets a ledger, rules of retention, legal holds and disposals by two people."""

from datetime import date
from importlib import import_module

import autopilot.clock
import autopilot.identifiers
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect


with_permissions = import_module("autopilot.migrations.0007_groups_console")._create_permissions

# By table: what may change, because it is decided later. Rows of all of them stay for good.
RECORDS = {
    "ledgerentry": [],
    "ledgeranchor": [],
    "legalhold": ["lifted_by_id", "lifted_at", "lifted_because"],
    "disposal": ["decided_by_id", "decided_at", "decided_because", "approved"],
}
KEEPING = ["Administrator", "Compliance officer"]
READING = [*KEEPING, "Auditor"]
GRANTS = {
    "hold_document": KEEPING,
    "propose_disposal": KEEPING,
    "approve_disposal": KEEPING,
    "record_final_report": [*KEEPING, "Finance"],
    "view_ledgerentry": READING,
    "view_retentionrule": READING,
    "add_retentionrule": KEEPING,
    "change_retentionrule": KEEPING,
    "view_award": [*READING, "Finance"],
    "add_award": [*KEEPING, "Finance"],
    "change_award": [*KEEPING, "Finance"],
    "view_disposal": READING,
}


def guard(apps, schema_editor):
    for name, free in RECORDS.items():
        protect(schema_editor, apps.get_model("autopilot", name), free=free)
        keep(schema_editor, apps.get_model("autopilot", name))
    keep(schema_editor, apps.get_model("autopilot", "document"))


def unguard(apps, schema_editor):
    for name in RECORDS:
        unprotect(schema_editor, apps.get_model("autopilot", name))
        release(schema_editor, apps.get_model("autopilot", name))
    release(schema_editor, apps.get_model("autopilot", "document"))


def lay(apps, schema_editor):
    """Lay down the federal rule, in force since the Uniform Guidance is, and say who may do what."""
    rules = apps.get_model("autopilot", "RetentionRule").objects
    facts = {"years": 3, "start": "final_report"}
    rules.get_or_create(kind="", source="2 CFR 200.334", effective_from=date(2014, 12, 26), defaults=facts)
    with_permissions(apps.get_app_config("autopilot"), apps, schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="autopilot")
    for codename, names in GRANTS.items():
        permission = permissions.get(codename=codename)
        for group in apps.get_model("auth", "Group").objects.filter(name__in=names):
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('autopilot', '0016_outbox_of_a_tenant'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerAnchor',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('position', models.PositiveBigIntegerField(help_text='Of the last entry; 0 for an empty ledger.')),
                ('head', models.CharField(blank=True, help_text='Hash of the last entry.', max_length=64)),
                ('published_at', models.DateTimeField(default=autopilot.clock.now)),
            ],
            options={
                'ordering': ['-day'],
            },
        ),
        migrations.AlterModelOptions(
            name='document',
            options={'ordering': ['-created_at', '-id'], 'permissions': [('hold_document', 'Can set and lift legal holds'), ('propose_disposal', 'Can propose that a document’s file is destroyed'), ('approve_disposal', 'Can approve what another has proposed to destroy')]},
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(help_text='As the awarding agency writes it.', max_length=100, unique=True)),
                ('begins_on', models.DateField(help_text='Documents archived from this day on belong to its records,')),
                ('ends_on', models.DateField(help_text='to this day.')),
                ('final_report_on', models.DateField(blank=True, editable=False, help_text='Empty: not submitted yet.', null=True)),
            ],
            options={
                'ordering': ['begins_on', 'number'],
                'permissions': [('record_final_report', 'Can record that an award’s final report was submitted')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('begins_on'))), name='award_days', violation_error_message='An award cannot end before it begins.')],
            },
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.SlugField(blank=True, help_text='Kind of document, such as mou; empty: every document.')),
                ('years', models.PositiveSmallIntegerField(help_text='How long, once the years begin to run.')),
                ('start', models.CharField(choices=[('final_report', 'When the award’s final financial report was submitted'), ('archived', 'When the document was archived')], help_text='When the years begin to run.', max_length=12)),
                ('source', models.CharField(help_text='The law or the contract, such as 2 CFR 200.334.', max_length=200)),
                ('effective_from', models.DateField()),
                ('effective_until', models.DateField(blank=True, help_text='Its last day; empty: in force until told.', null=True)),
            ],
            options={
                'ordering': ['kind', 'source', 'effective_from'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'source', 'effective_from'), name='retention_rule_once'), models.CheckConstraint(condition=models.Q(('start__in', ['final_report', 'archived'])), name='retention_rule_start'), models.CheckConstraint(condition=models.Q(('effective_until', None), ('effective_until__gte', models.F('effective_from')), _connector='OR'), name='retention_rule_days', violation_error_message='A rule cannot end before it begins.')],
            },
        ),
        migrations.CreateModel(
            name='Disposal',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=200)),
                ('proposed_at', models.DateTimeField(default=autopilot.clock.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_because', models.CharField(blank=True, max_length=200)),
                ('approved', models.BooleanField(default=False)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disposals', to='autopilot.document')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at', None), ('approved', True), _connector='OR'), fields=('document',), name='disposal_once'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='disposal_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('approved', False), ('decided_at', None), ('decided_by', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='disposal_decided_by')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('position', models.PositiveBigIntegerField(help_text='Counted from 1, without gaps.', primary_key=True, serialize=False)),
                ('deed', models.CharField(choices=[('archived', 'Archived'), ('disposed', 'Disposed of')], max_length=8)),
                ('sha256', models.CharField(help_text='Of the file.', max_length=64)),
                ('fingerprint', models.CharField(help_text='Of the file’s meaning.', max_length=64)),
                ('previous', models.CharField(blank=True, help_text='Hash of the entry before; empty for the first.', max_length=64)),
                ('hash', models.CharField(help_text='SHA-256 over all of this entry.', max_length=64)),
                ('at', models.DateTimeField(default=autopilot.clock.now)),
                ('document', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ledger', to='autopilot.document')),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('document', 'deed'), name='ledger_document_once')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField(default=autopilot.clock.now)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_because', models.CharField(blank=True, max_length=200)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='autopilot.document')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-set_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('document',), name='legal_hold_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='legal_hold_lifted_by')],
            },
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(lay, migrations.RunPython.noop),
    ]
