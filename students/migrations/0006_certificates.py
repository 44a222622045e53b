"""Milestones and certificates; what has happened to them is neither changed nor deleted, and who may do what."""

from importlib import import_module

import autopilot.clock
import autopilot.identifiers
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect

with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

VIEW = ["view_certificate", "view_milestone"]
GRANTS = {
    "Administrator": [*VIEW, "control_milestone", "issue_certificate", "revoke_certificate"],
    "Reviewer": VIEW,
    "Auditor": VIEW,
    "Case manager": [*VIEW, "control_milestone", "issue_certificate"],
    "Compliance officer": [*VIEW, "revoke_certificate"],
}
# What never changes, but for these: columns that are filled once, that are forgotten with a user, and that may change.
RECORDS = {
    "milestone": {"forgettable": ["created_by_id"], "free": ["effective_to", "position"]},
    "milestonecompletion": {"forgettable": ["recorded_by_id"], "fillable": ["withdrawn_at"]},
    "milestonewithdrawal": {},
    "signingkey": {},
    "certificate": {
        "forgettable": ["issued_by_id"],
        "fillable": ["badge_id", "document_id", "revoked_at"],
        "free": ["status"],
    },
    "certificatestatuschange": {},
}


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("students"), apps, schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="students")
    for name, codenames in GRANTS.items():
        found = permissions.filter(codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions are missing for {name}.")
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*found)


def guard(apps, schema_editor):
    for name, exceptions in RECORDS.items():
        model = apps.get_model("students", name)
        protect(schema_editor, model, **exceptions)
        keep(schema_editor, model)


def unguard(apps, schema_editor):
    for name in RECORDS:
        model = apps.get_model("students", name)
        unprotect(schema_editor, model)
        release(schema_editor, model)


class Migration(migrations.Migration):

    dependencies = [
        ('autopilot', '0019_template_versions'),
        ('programs', '0013_billing_schedules'),
        ('students', '0005_people'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MilestoneCompletion',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('completed_on', models.DateField()),
                ('evidence', models.TextField(help_text="What shows it, such as an exam's score sheet.", max_length=500)),
                ('actor_label', models.CharField(blank=True, max_length=150)),
                ('recorded_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('document', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='students.enrollment')),
            ],
            options={
                'ordering': ['enrollment', 'milestone__position', 'recorded_at'],
            },
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('kid', models.CharField(help_text='Its SHA-256 thumbprint (RFC 7638).', max_length=43, primary_key=True, serialize=False)),
                ('jwk', models.JSONField(help_text='The public key as a JSON Web Key (RFC 7517).')),
                ('used_from', models.DateTimeField(default=autopilot.clock.now)),
            ],
            options={
                'ordering': ['-used_from', 'kid'],
            },
        ),
        migrations.CreateModel(
            name='StatusList',
            fields=[
                ('number', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('taken', models.PositiveIntegerField(default=0, help_text='How many places are given.')),
                ('signed', models.TextField(blank=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(help_text='CERT-YYYY-NNNNNN, without gaps within a year.', max_length=20, unique=True)),
                ('code', models.CharField(help_text='Opens its public page; nobody can guess it.', max_length=40, unique=True)),
                ('student_name', models.CharField(max_length=170)),
                ('program_title', models.CharField(max_length=200)),
                ('credential', models.CharField(max_length=200)),
                ('clock_hours', models.PositiveIntegerField()),
                ('holder_name', models.CharField(max_length=200)),
                ('issuer', models.CharField(max_length=200)),
                ('completed_on', models.DateField()),
                ('issued_at', models.DateTimeField(default=autopilot.clock.now)),
                ('status', models.CharField(choices=[('valid', 'Valid'), ('revoked', 'Revoked')], default='valid', max_length=7)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('status_index', models.PositiveIntegerField(help_text='Its place in the status list, drawn by lot.')),
                ('badge', models.ForeignKey(blank=True, help_text='The signed credential.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('document', models.ForeignKey(blank=True, help_text='The PDF, with the credential inside.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='students.enrollment')),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='programs.holder')),
                ('issued_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('status_list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='students.statuslist')),
            ],
            options={
                'ordering': ['-issued_at', '-id'],
                'permissions': [('issue_certificate', 'Can issue certificates'), ('revoke_certificate', 'Can revoke certificates')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True, help_text='What counts as having done it.', max_length=1000)),
                ('required', models.BooleanField(default=True, help_text='No certificate is issued without it.')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='Its place in the list, from 1.')),
                ('effective_from', models.DateField(help_text='It holds for training that begins on this day or later.')),
                ('effective_to', models.DateField(blank=True, help_text='The last such day; empty while it holds for everybody who begins.', null=True)),
                ('created_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='programs.program')),
            ],
            options={
                'ordering': ['program', 'position', 'title', 'id'],
                'permissions': [('control_milestone', 'Can add and end the milestones of programs')],
            },
        ),
        migrations.CreateModel(
            name='MilestoneWithdrawal',
            fields=[
                ('completion', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='withdrawal', serialize=False, to='students.milestonecompletion')),
                ('reason', models.TextField(max_length=1000)),
                ('actor_label', models.CharField(blank=True, max_length=150)),
                ('at', models.DateTimeField(default=autopilot.clock.now)),
            ],
        ),
        migrations.AddField(
            model_name='milestonecompletion',
            name='milestone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='students.milestone'),
        ),
        migrations.AddField(
            model_name='milestonecompletion',
            name='recorded_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='CertificateRequest',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('batch', models.UUIDField(help_text='Names what was asked for at once.')),
                ('status', models.CharField(choices=[('waiting', 'Being made'), ('issued', 'Issued'), ('refused', 'Refused')], default='waiting', max_length=7)),
                ('problem', models.CharField(blank=True, help_text='Why it was refused.', max_length=500)),
                ('asked_at', models.DateTimeField(default=autopilot.clock.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('certificate', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='students.certificate')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='certificate_requests', to='students.enrollment')),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='certificate_requests', to='programs.holder')),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'indexes': [models.Index(fields=['batch', 'id'], name='certificate_request_batch'), models.Index(fields=['holder', '-asked_at'], name='certificate_request_of_holder')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'issued', 'refused'])), name='certificate_request_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'issued'), _negated=True), ('certificate__isnull', False), _connector='OR'), name='certificate_request_outcome'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), models.Q(('problem', ''), _negated=True), _connector='OR'), name='certificate_request_refusal'), models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('enrollment',), name='certificate_request_once')],
            },
        ),
        migrations.CreateModel(
            name='CertificateStatusChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('from_status', models.CharField(blank=True, choices=[('valid', 'Valid'), ('revoked', 'Revoked')], max_length=7)),
                ('to_status', models.CharField(choices=[('valid', 'Valid'), ('revoked', 'Revoked')], max_length=7)),
                ('reason', models.TextField(blank=True)),
                ('actor_label', models.CharField(blank=True, max_length=150)),
                ('at', models.DateTimeField(default=autopilot.clock.now)),
                ('certificate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='status_changes', to='students.certificate')),
            ],
            options={
                'ordering': ['certificate', 'id'],
                'indexes': [models.Index(fields=['certificate', 'id'], name='certificate_change_by_row')],
                'constraints': [models.CheckConstraint(condition=models.Q(('to_status__in', ['valid', 'revoked'])), name='certificate_change_known'), models.CheckConstraint(condition=models.Q(models.Q(('to_status', 'revoked'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='certificate_revoked_has_reason')],
            },
        ),
        migrations.AddIndex(
            model_name='milestone',
            index=models.Index(fields=['program', 'position'], name='milestone_of_program'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='milestone_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(condition=models.Q(('effective_to__isnull', True)), fields=('program', 'title'), name='milestone_title_once'),
        ),
        migrations.AddConstraint(
            model_name='milestonewithdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='milestone_withdrawal_has_reason'),
        ),
        migrations.AddIndex(
            model_name='milestonecompletion',
            index=models.Index(fields=['enrollment', 'recorded_at'], name='milestone_completion_by_row'),
        ),
        migrations.AddConstraint(
            model_name='milestonecompletion',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('enrollment', 'milestone'), name='milestone_completion_once'),
        ),
        migrations.AddConstraint(
            model_name='milestonecompletion',
            constraint=models.CheckConstraint(condition=models.Q(('evidence', ''), _negated=True), name='milestone_completion_has_evidence'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(fields=['-issued_at', '-id'], name='certificate_list'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(fields=['holder', '-issued_at', '-id'], name='certificate_of_holder'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(fields=['enrollment', '-issued_at'], name='certificate_of_enrollment'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('status', 'valid')), models.Q(('revoked_at__isnull', False), ('status', 'revoked')), _connector='OR'), name='certificate_status_known'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('badge__isnull', True), ('document__isnull', True)), models.Q(('badge__isnull', False), ('document__isnull', False)), _connector='OR'), name='certificate_has_both_files_or_none'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'valid')), fields=('enrollment',), name='certificate_one_that_counts'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(fields=('status_list', 'status_index'), name='certificate_status_place_once'),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]
