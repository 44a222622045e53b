"""Determinations of eligibility with their evidence, and the figures and definitions that they are judged by."""

from importlib import import_module

import autopilot.clock
import autopilot.encryption
import autopilot.identifiers
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect

with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

VIEW = ["view_determination", "view_evidence", "view_incomefigure", "view_localdefinition"]
KEEP_FIGURES = [f"{deed}_{model}" for deed in ("add", "change") for model in ("incomefigure", "localdefinition")]
GRANTS = {
    "Administrator": [*VIEW, *KEEP_FIGURES, "read_determination", "assess_determination"],
    "Reviewer": [*VIEW, "read_determination"],
    "Auditor": VIEW,
    "Case manager": [*VIEW, "read_determination", "assess_determination"],
    "Compliance officer": [*VIEW, *KEEP_FIGURES, "read_determination"],
}
# What may still be written of a determination that is decided: where it stands, and what became of it.
MOVING = ["status", "reason", "letter_id", "job_id", "submission_id", "state_reference"]
NAME, KIND, CRON = "Certification: look again at what is open", "certification.daily_batch", "30 5 * * *"


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
    change, determination = (apps.get_model("students", name) for name in ("determinationchange", "determination"))
    protect(schema_editor, change)
    keep(schema_editor, change)
    protect(schema_editor, determination, free=MOVING, forgettable=["created_by_id", "decided_by_id"],
            once='OLD."decided_at" IS NOT NULL')


def unguard(apps, schema_editor):
    change, determination = (apps.get_model("students", name) for name in ("determinationchange", "determination"))
    unprotect(schema_editor, change)
    release(schema_editor, change)
    unprotect(schema_editor, determination)


def schedule(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="certification")
    apps.get_model("autopilot", "Schedule").objects.get_or_create(
        name=NAME, defaults={"worker": worker, "kind": KIND, "payload": {}, "cron": CRON, "time_zone": settings.TIME_ZONE}
    )


def unschedule(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('autopilot', '0019_template_versions'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('programs', '0013_billing_schedules'),
        ('students', "0010_participation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Determination',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('gathering', 'Facts are gathered'), ('in_review', 'In review'), ('eligible', 'Eligible'), ('ineligible', 'Not eligible'), ('submitted', 'Sent to the WIOA portal'), ('certified', 'Certified'), ('refused', 'Refused by the portal'), ('withdrawn', 'Withdrawn')], default='gathering', max_length=10)),
                ('as_of', models.DateField(help_text='The day as of which the facts are judged.')),
                ('facts', autopilot.encryption.EncryptedTextField(blank=True, editable=False, help_text='What is known of the person, as JSON.', keys_of='keys')),
                ('decision', autopilot.encryption.EncryptedTextField(blank=True, editable=False, help_text='What the law says of it, with every criterion, as JSON.', keys_of='keys')),
                ('verdict', models.CharField(default='unknown', help_text='Whether the person is eligible at all.', max_length=7)),
                ('adult', models.BooleanField(default=False, help_text='Eligible as an adult.')),
                ('dislocated_worker', models.BooleanField(default=False, help_text='Eligible as a dislocated worker.')),
                ('in_school_youth', models.BooleanField(default=False, help_text='Eligible as in-school youth.')),
                ('out_of_school_youth', models.BooleanField(default=False, help_text='Eligible as out-of-school youth.')),
                ('priority', models.PositiveSmallIntegerField(blank=True, help_text='Place in the order of adults, 1 first.', null=True)),
                ('counts_for_assistance', models.BooleanField(default=False, help_text='Admitted by the cap of in-school youth.')),
                ('counts_for_income', models.BooleanField(default=False, help_text='Admitted by the low income exception.')),
                ('reason', models.TextField(blank=True, help_text='Why it was made anew, returned, refused or withdrawn.')),
                ('job_id', models.UUIDField(blank=True, help_text='The job that works on it.', null=True)),
                ('submission_id', models.UUIDField(blank=True, null=True)),
                ('state_reference', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('assessed_by', models.ForeignKey(blank=True, db_index=False, help_text='Who last entered facts; somebody else must approve what follows from them.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('earlier', models.ForeignKey(blank=True, db_index=False, help_text='The one that it follows.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='later', to='students.determination')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='determinations', to='students.enrollment')),
                ('letter', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='determinations', to='students.student')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'permissions': [('read_determination', 'Can read the facts and criteria of determinations'), ('assess_determination', 'Can enter facts and evidence, and send determinations to review')],
            },
        ),
        migrations.CreateModel(
            name='DeterminationChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('from_status', models.CharField(blank=True, choices=[('gathering', 'Facts are gathered'), ('in_review', 'In review'), ('eligible', 'Eligible'), ('ineligible', 'Not eligible'), ('submitted', 'Sent to the WIOA portal'), ('certified', 'Certified'), ('refused', 'Refused by the portal'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('to_status', models.CharField(choices=[('gathering', 'Facts are gathered'), ('in_review', 'In review'), ('eligible', 'Eligible'), ('ineligible', 'Not eligible'), ('submitted', 'Sent to the WIOA portal'), ('certified', 'Certified'), ('refused', 'Refused by the portal'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('actor_label', models.CharField(blank=True, max_length=150)),
                ('at', models.DateTimeField(default=autopilot.clock.now)),
                ('determination', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='students.determination')),
            ],
            options={
                'ordering': ['determination', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('topic', models.CharField(help_text='The PIRL element as printed, or the word of the topic.', max_length=30)),
                ('kind', models.CharField(choices=[('document', 'Document'), ('attestation', 'Self-attestation'), ('seen', 'Seen, no copy kept')], max_length=11)),
                ('description', models.CharField(help_text='Which of the accepted documents it is.', max_length=120)),
                ('obtained_on', models.DateField(help_text='When it was signed, seen or received.')),
                ('reason', models.CharField(blank=True, help_text='Of an attestation: why nothing else can be had.', max_length=300)),
                ('recorded_by_label', models.CharField(blank=True, max_length=150)),
                ('recorded_at', models.DateTimeField(default=autopilot.clock.now)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_reason', models.CharField(blank=True, max_length=300)),
                ('document', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('recorded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='students.student')),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'ordering': ['student', 'topic', '-recorded_at'],
            },
        ),
        migrations.CreateModel(
            name='IncomeFigure',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('measure', models.CharField(choices=[('poverty', 'Poverty guideline'), ('llsil', '70 % of the LLSIL')], max_length=7)),
                ('place', models.CharField(help_text='Of a guideline: contiguous, alaska or hawaii. Of the LLSIL: the area, as you name it.', max_length=120)),
                ('family_size', models.PositiveSmallIntegerField(default=1, help_text='Of a guideline: 1.', validators=[django.core.validators.MinValueValidator(1)])),
                ('amount', models.DecimalField(decimal_places=2, max_digits=9, validators=[django.core.validators.MinValueValidator(1)])),
                ('each_further_person', models.DecimalField(blank=True, decimal_places=2, help_text='Of a guideline alone: what each person beyond the first adds.', max_digits=9, null=True, validators=[django.core.validators.MinValueValidator(1)])),
                ('effective_from', models.DateField()),
                ('effective_to', models.DateField(blank=True, help_text='The last day; empty: until a later one begins.', null=True)),
                ('source', models.CharField(help_text='Where it was published, as 91 FR 1797.', max_length=200)),
            ],
            options={
                'ordering': ['measure', 'place', 'family_size', '-effective_from'],
                'constraints': [models.UniqueConstraint(fields=('measure', 'place', 'family_size', 'effective_from'), name='income_figure_once'), models.CheckConstraint(condition=models.Q(('measure__in', ['poverty', 'llsil'])), name='income_figure_measure'), models.CheckConstraint(condition=models.Q(models.Q(('each_further_person__gt', 0), ('each_further_person__isnull', False), ('family_size', 1), ('measure', 'poverty')), models.Q(('each_further_person__isnull', True), ('family_size__gte', 1), ('measure', 'llsil')), _connector='OR'), name='income_figure_fits_measure', violation_error_message='A guideline is for one person, with what each further one adds; a figure of the LLSIL is for one size of family, and nothing is added.'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='income_figure_positive'), models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='income_figure_dates', violation_error_message='It cannot end before it begins.')],
            },
        ),
        migrations.CreateModel(
            name='LocalDefinition',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('topic', models.CharField(choices=[('additional_assistance', 'Youth who need additional assistance')], max_length=30)),
                ('text', models.TextField(help_text='The written definition, as the state or local area gives it.', max_length=2000)),
                ('source', models.CharField(help_text='The policy it stands in.', max_length=200)),
                ('effective_from', models.DateField()),
                ('effective_to', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
            ],
            options={
                'ordering': ['topic', '-effective_from'],
                'constraints': [models.UniqueConstraint(fields=('topic', 'effective_from'), name='local_definition_once'), models.CheckConstraint(condition=models.Q(('topic', 'additional_assistance')), name='local_definition_topic'), models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='local_definition_dates', violation_error_message='It cannot end before it begins.')],
            },
        ),
        migrations.AddIndex(
            model_name='determination',
            index=models.Index(fields=['student', '-created_at'], name='determination_of_student'),
        ),
        migrations.AddIndex(
            model_name='determination',
            index=models.Index(fields=['enrollment', '-created_at'], name='determination_of_enrollment'),
        ),
        migrations.AddIndex(
            model_name='determination',
            index=models.Index(fields=['status', '-created_at'], name='determination_status_list'),
        ),
        migrations.AddIndex(
            model_name='determination',
            index=models.Index(fields=['decided_at'], name='determination_decided'),
        ),
        migrations.AddConstraint(
            model_name='determination',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['gathering', 'in_review', 'eligible', 'ineligible', 'submitted', 'certified', 'refused', 'withdrawn'])), name='determination_status'),
        ),
        migrations.AddConstraint(
            model_name='determination',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['met', 'not_met', 'unknown'])), name='determination_verdict'),
        ),
        migrations.AddConstraint(
            model_name='determination',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['gathering', 'in_review'])), fields=('enrollment',), name='determination_open_once'),
        ),
        migrations.AddConstraint(
            model_name='determination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('status__in', ['gathering', 'in_review', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('status__in', ['eligible', 'ineligible', 'submitted', 'certified', 'refused'])), _connector='OR'), name='determination_decided_has_time'),
        ),
        migrations.AddConstraint(
            model_name='determination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['eligible', 'submitted', 'certified']), _negated=True), ('verdict', 'met'), _connector='OR'), name='determination_eligible_is_met'),
        ),
        migrations.AddConstraint(
            model_name='determination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'met'), _negated=True), ('adult', True), ('dislocated_worker', True), ('in_school_youth', True), ('out_of_school_youth', True), _connector='OR'), name='determination_met_for_a_program'),
        ),
        migrations.AddIndex(
            model_name='determinationchange',
            index=models.Index(fields=['determination', 'id'], name='determination_change_by_row'),
        ),
        migrations.AddIndex(
            model_name='evidence',
            index=models.Index(fields=['student', 'topic'], name='evidence_of_student'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['document', 'attestation', 'seen'])), name='evidence_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document', None), ('kind', 'seen')), models.Q(models.Q(('kind', 'seen'), _negated=True), models.Q(('document', None), _negated=True)), _connector='OR'), name='evidence_has_its_file'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'attestation'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='evidence_attested_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), models.Q(('withdrawn_reason', ''), _negated=True), _connector='OR'), name='evidence_withdrawn_for_a_reason'),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(schedule, unschedule),
    ]
