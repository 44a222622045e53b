"""Who a student is: an identifier of ours, and what is sensitive, sealed with a key of each student's own."""

from importlib import import_module

import autopilot.clock
import autopilot.encryption
import django.db.models.deletion
import students.models.students
from django.conf import settings
from django.db import migrations, models

from autopilot.operations import AddConstraint, AddIndex, StepwiseMigration

with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

AT_A_TIME = 2_000
VIEW, ENTER, REVEAL = "view_studentdetails", "change_studentdetails", "reveal_studentdetails"
GRANTS = {
    "Administrator": [VIEW, ENTER, REVEAL],
    "Case manager": [VIEW, ENTER, REVEAL],
    "Compliance officer": [VIEW, REVEAL],
}


def number(apps, schema_editor):
    rows = apps.get_model("students", "Student").objects.using(schema_editor.connection.alias)
    while some := list(rows.filter(number="").only("pk")[:AT_A_TIME]):
        for row in some:
            row.number = students.models.students.new_number()
        rows.bulk_update(some, ["number"])


def grant(apps, schema_editor):
    with_permissions(apps.get_app_config("students"), apps, schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="students")
    for name, codenames in GRANTS.items():
        found = permissions.filter(codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions are missing for {name}.")
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*found)


class Migration(StepwiseMigration):

    dependencies = [
        ('students', '0004_report_reminders'),
        ('programs', '0004_holder_groups'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StudentKey',
            fields=[
                ('student', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='key', serialize=False, to='students.student')),
                ('secret', autopilot.encryption.EncryptedTextField(blank=True, editable=False, help_text='Sealed by FIELD_KEYS; blank once it is destroyed.')),
                ('made_at', models.DateTimeField(default=autopilot.clock.now)),
                ('destroyed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='student',
            name='number',
            field=models.CharField(db_default='', default=students.models.students.new_number, editable=False, help_text='Element 100 of the PIRL. Assigned by us, kept for life, and the same on every record of one person.', max_length=12, verbose_name='person identifier'),
        ),
        AddIndex(
            model_name='student',
            index=models.Index(fields=['number'], name='student_number'),
        ),
        AddConstraint(
            model_name='student',
            constraint=models.CheckConstraint(condition=models.Q(('number', ''), ('number__regex', '^P[0-9A-HJKMNP-TV-Z]{11}\\Z'), _connector='OR'), name='student_number_format'),
        ),
        migrations.CreateModel(
            name='StudentDetails',
            fields=[
                ('key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='details', serialize=False, to='students.studentkey')),
                ('ssn', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='Social Security number')),
                ('ssn_index', models.CharField(blank=True, editable=False, help_text='Finds the same number again.', max_length=64)),
                ('ssn_declined', models.BooleanField(default=False, help_text='Was asked for the number and keeps it to themselves.')),
                ('birth_date', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='date of birth')),
                ('sex', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='sex')),
                ('ethnicity', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='Hispanic or Latino')),
                ('races', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='race')),
                ('disability', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='disability')),
                ('justice', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='justice involvement')),
                ('immigration', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys', verbose_name='work authorization')),
                ('entered_at', models.DateTimeField(default=autopilot.clock.now)),
            ],
            options={
                'verbose_name_plural': 'student details',
                'permissions': [('reveal_studentdetails', 'Can read the sensitive details of students in full')],
                'default_permissions': ('view', 'change'),
            },
        ),
        migrations.AddConstraint(
            model_name='studentkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('destroyed_at__isnull', True), models.Q(('secret', ''), _negated=True)), models.Q(('destroyed_at__isnull', False), ('secret', '')), _connector='OR'), name='student_key_until_destroyed'),
        ),
        migrations.AddIndex(
            model_name='studentdetails',
            index=models.Index(condition=models.Q(('ssn_index', ''), _negated=True), fields=['ssn_index'], name='student_details_ssn'),
        ),
        migrations.AddConstraint(
            model_name='studentdetails',
            constraint=models.CheckConstraint(condition=models.Q(('ssn', ''), ('ssn_declined', False), _connector='OR'), name='student_details_ssn_or_declined'),
        ),
        migrations.AddConstraint(
            model_name='studentdetails',
            constraint=models.CheckConstraint(condition=models.Q(('ssn', ''), models.Q(('ssn_index', ''), _negated=True), _connector='OR'), name='student_details_ssn_indexed'),
        ),
        migrations.RunPython(number, migrations.RunPython.noop),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
