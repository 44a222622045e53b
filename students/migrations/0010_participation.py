"""Services received, and the periods of participation that follow from them; who may do what, and the nightly reckoning."""

from importlib import import_module

import autopilot.clock
import autopilot.identifiers
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect

with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

NAME = "Reckon periods of participation"
VIEW = [f"view_{model}" for model in ("servicereceived", "participationperiod", "participationchange", "performancetarget")]
TARGETS = ["add_performancetarget", "change_performancetarget"]
GRANTS = {
    "Administrator": [*VIEW, "record_servicereceived", *TARGETS],
    "Reviewer": VIEW,
    "Auditor": VIEW,
    "Case manager": [*VIEW, "record_servicereceived"],
    "Compliance officer": [*VIEW, *TARGETS],
}
RECORDS = {
    "participationchange": {},
    "servicereceived": {"forgettable": ["recorded_by_id"], "fillable": ["withdrawn_at"], "free": ["withdrawn_because"]},
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


def schedule(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="participation")
    apps.get_model("autopilot", "Schedule").objects.get_or_create(
        name=NAME, defaults={"worker": worker, "kind": "participation.reckon", "payload": {}, "cron": "0 2 * * *"}
    )


def unschedule(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('autopilot', '0019_template_versions'),
        ('programs', '0013_billing_schedules'),
        ('students', '0009_pirl'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PerformanceTarget',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('program', models.CharField(choices=[('adult', 'Adult'), ('dislocated_worker', 'Dislocated worker'), ('youth', 'Youth')], max_length=17)),
                ('indicator', models.CharField(max_length=40)),
                ('year', models.PositiveSmallIntegerField(help_text='The program year: 2026 begins on July 1, 2026.')),
                ('level', models.DecimalField(decimal_places=2, help_text='Percent; for median earnings, dollars.', max_digits=9)),
            ],
            options={
                'ordering': ['-year', 'program', 'indicator'],
                'default_permissions': ('view', 'add', 'change'),
                'constraints': [models.CheckConstraint(condition=models.Q(('program__in', ['adult', 'dislocated_worker', 'youth'])), name='target_program_known'), models.CheckConstraint(condition=models.Q(('level__gt', 0)), name='target_level_positive'), models.UniqueConstraint(fields=('program', 'indicator', 'year'), name='target_once')],
            },
        ),
        migrations.CreateModel(
            name='ExitHindrance',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField()),
                ('code', models.CharField(choices=[('01', 'Institutionalized'), ('02', 'Medical treatment of more than 90 days'), ('03', 'Deceased'), ('04', 'Called to active duty for 90 days or more'), ('05', 'Foster youth who moved out of the area'), ('07', 'Offender served under section 225')], max_length=2)),
                ('recorded_at', models.DateTimeField(default=autopilot.clock.now)),
                ('recorded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='hindrances', to='students.student')),
            ],
            options={
                'ordering': ['student', 'since'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('code__in', ['01', '02', '03', '04', '05', '07'])), name='hindrance_code_known'), models.UniqueConstraint(fields=('student', 'since'), name='hindrance_once')],
            },
        ),
        migrations.CreateModel(
            name='ParticipationChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('told', models.CharField(max_length=300)),
                ('at', models.DateTimeField(default=autopilot.clock.now)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='participation_changes', to='students.student')),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['student', '-id'], name='participation_change_of')],
            },
        ),
        migrations.CreateModel(
            name='ParticipationPeriod',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('programs', models.CharField(help_text='The programs it is of, one word each.', max_length=40)),
                ('entered_on', models.DateField(help_text='Element 900.')),
                ('last_service_on', models.DateField(help_text='The last qualifying service.')),
                ('open_until', models.DateField(help_text='The last day on which a qualifying service continues it.')),
                ('exited_on', models.DateField(blank=True, help_text='Element 901; empty while it is open.', null=True)),
                ('exclusion', models.CharField(default='00', help_text='Element 923.', max_length=2)),
                ('because', models.JSONField(default=list, help_text='Why each element says what it says, with the source.')),
                ('reckoned_on', models.DateField()),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='participation', to='students.student')),
            ],
            options={
                'ordering': ['-entered_on', '-id'],
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['-entered_on', '-id'], name='participation_list'), models.Index(condition=models.Q(('exited_on__isnull', True)), fields=['open_until'], name='participation_to_end'), models.Index(fields=['exited_on'], name='participation_exits')],
                'constraints': [models.UniqueConstraint(fields=('student', 'programs', 'entered_on'), name='participation_entered_once'), models.CheckConstraint(condition=models.Q(('last_service_on__gte', models.F('entered_on')), ('open_until__gt', models.F('last_service_on'))), name='participation_days_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('exclusion', '00'), ('exited_on__isnull', True)), ('exited_on', models.F('last_service_on')), _connector='OR'), name='participation_exit_is_last_service')],
            },
        ),
        migrations.CreateModel(
            name='ProgramReadiness',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('program', models.CharField(choices=[('adult', 'Adult'), ('dislocated_worker', 'Dislocated worker'), ('youth', 'Youth')], max_length=17)),
                ('eligible_on', models.DateField(help_text='The day of the determination.')),
                ('assessed_on', models.DateField(blank=True, help_text='The day of the objective assessment; for youth.', null=True)),
                ('planned_on', models.DateField(blank=True, help_text='The day of the service strategy; for youth.', null=True)),
                ('recorded_at', models.DateTimeField(default=autopilot.clock.now)),
                ('recorded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='readiness', to='students.student')),
            ],
            options={
                'ordering': ['student', 'program'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('program__in', ['adult', 'dislocated_worker', 'youth'])), name='readiness_program_known'), models.UniqueConstraint(fields=('student', 'program'), name='readiness_once')],
            },
        ),
        migrations.CreateModel(
            name='ServiceReceived',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('program', models.CharField(choices=[('adult', 'Adult'), ('dislocated_worker', 'Dislocated worker'), ('youth', 'Youth')], max_length=17)),
                ('service', models.CharField(help_text='One of the 36 kinds.', max_length=40)),
                ('day', models.DateField(help_text='The day of the service, or for which it is planned.')),
                ('planned', models.BooleanField(default=False, help_text='It is to come; the plan is documented.')),
                ('documented_on', models.DateField(help_text='The day on which it was recorded.')),
                ('recorded_at', models.DateTimeField(default=autopilot.clock.now)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_because', models.CharField(blank=True, max_length=300)),
                ('recorded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='services', to='students.student')),
            ],
            options={
                'verbose_name_plural': 'services received',
                'ordering': ['-day', '-id'],
                'permissions': [('record_servicereceived', 'Can record and withdraw services that students received')],
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['student', 'day'], name='service_of_student'), models.Index(fields=['-day', '-id'], name='service_list')],
                'constraints': [models.CheckConstraint(condition=models.Q(('program__in', ['adult', 'dislocated_worker', 'youth'])), name='service_program_known'), models.CheckConstraint(condition=models.Q(('planned', True), ('day__lte', models.F('documented_on')), _connector='OR'), name='service_received_is_past'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), models.Q(('withdrawn_because', ''), _negated=True), _connector='OR'), name='service_withdrawn_has_reason'), models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('student', 'program', 'service', 'day', 'planned'), name='service_once_a_day')],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(schedule, unschedule),
    ]
