"""The life of a student: agreements, papers, messages, risks, plans, case notes, costs and leads."""

from importlib import import_module

import autopilot.clock
import autopilot.encryption
import autopilot.identifiers
import django.core.validators
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from autopilot.append_only import keep, protect, release, unprotect
from autopilot.operations import StepwiseMigration

with_permissions = import_module("programs.migrations.0004_holder_groups")._create_permissions

VIEW = ["view_agreement", "view_waitingplace", "view_studentpaper", "view_askedpaper", "view_programpolicy",
        "view_refundrule", "view_riskfinding", "view_individualplan", "view_lead"]  # fmt: skip
NOTES, COSTS = ["view_casenote"], ["view_trainingaccount", "view_supportiveservice", "view_refund"]
WORK = ["review_studentpaper", "change_individualplan", "add_lead", "add_casenote"]
CONFIGURE = [f"{deed}_{name}" for deed in ("add", "change") for name in ("askedpaper", "programpolicy", "refundrule")]
SPEND = ["manage_trainingaccount"]
GRANTS = {
    "Administrator": VIEW + NOTES + COSTS + WORK + CONFIGURE + SPEND,
    "Reviewer": [*VIEW, "review_studentpaper"],
    "Auditor": VIEW + COSTS,
    "Case manager": VIEW + NOTES + COSTS + WORK + SPEND,
    "Compliance officer": VIEW + NOTES + COSTS + CONFIGURE,
    "Finance": COSTS + SPEND,
}
# What has happened, with the columns that a deleted user leaves empty.
RECORDS = {
    "agreementsignature": [], "refund": ["granted_by_id"], "casenote": ["written_by_id"], "plansignature": [],
    "planreview": ["reviewed_by_id"], "costentry": ["entered_by_id"], "supportiveservice": ["entered_by_id"],
}  # fmt: skip


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
    for name, forgettable in RECORDS.items():
        model = apps.get_model("students", name)
        protect(schema_editor, model, forgettable=forgettable)
        keep(schema_editor, model)


def unguard(apps, schema_editor):
    for name in RECORDS:
        model = apps.get_model("students", name)
        unprotect(schema_editor, model)
        release(schema_editor, model)


class Migration(StepwiseMigration):

    dependencies = [
        ('autopilot', '0019_template_versions'),
        ('programs', '0013_billing_schedules'),
        ('students', '0006_certificates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='enrollment',
            name='transferred_from',
            field=models.ForeignKey(blank=True, db_index=False, help_text='The enrollment in another cohort that this one goes on with.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transferred_to', to='students.enrollment'),
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('consents', models.BooleanField(help_text='Whether it says that the student consents to disclosure (FERPA).')),
                ('notice_version', models.CharField(help_text='Of the notice that was acknowledged (29 CFR 38.35).', max_length=20)),
                ('prepared_at', models.DateTimeField(default=autopilot.clock.now)),
                ('replaced_at', models.DateTimeField(blank=True, null=True)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='students.enrollment')),
            ],
            options={
                'ordering': ['enrollment', '-prepared_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='AgreementSignature',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='As the student typed it.', max_length=150)),
                ('document_sha256', models.CharField(help_text='Of the exact bytes that were shown.', max_length=64)),
                ('consent_version', models.CharField(help_text='Of the disclosure of 15 USC 7001(c).', max_length=20)),
                ('consent_digest', models.CharField(max_length=64)),
                ('notice_version', models.CharField(help_text='Of “Equal Opportunity Is the Law” (29 CFR 38.35).', max_length=20)),
                ('notice_digest', models.CharField(max_length=64)),
                ('ferpa_consents', models.BooleanField(help_text='Whether the student consents to disclosure (34 CFR 99.30).')),
                ('ferpa_version', models.CharField(max_length=20)),
                ('ferpa_digest', models.CharField(max_length=64)),
                ('ip', models.GenericIPAddressField(blank=True, null=True)),
                ('user_agent', models.CharField(blank=True, max_length=400)),
                ('signed_at', models.DateTimeField(default=autopilot.clock.now)),
                ('hash', models.CharField(help_text='SHA-256 of all of the above.', max_length=64)),
                ('agreement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='signature', to='students.agreement')),
                ('signer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['signed_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='AskedPaper',
            fields=[
                ('slug', models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120)),
                ('instructions', models.TextField(max_length=1000)),
                ('due_days', models.PositiveSmallIntegerField(default=3, help_text='Until it counts as missing.', validators=[django.core.validators.MaxValueValidator(365)], verbose_name='days after acceptance')),
                ('active', models.BooleanField(default=True)),
                ('program', models.ForeignKey(blank=True, help_text='Empty: of every student.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='asked_papers', to='programs.program')),
            ],
            options={
                'ordering': ['title'],
            },
        ),
        migrations.CreateModel(
            name='CaseNote',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(help_text='What it is about, such as “Employment in Q2 after exit”.', max_length=120)),
                ('status', models.CharField(help_text='The status that was found, in a few words.', max_length=200)),
                ('obtained_on', models.DateField(help_text='The day on which it was learned.')),
                ('staff_name', models.CharField(help_text='Who learned it.', max_length=150)),
                ('text', autopilot.encryption.EncryptedTextField(blank=True, editable=False, keys_of='keys')),
                ('written_at', models.DateTimeField(default=autopilot.clock.now)),
                ('corrects', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='students.casenote')),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='case_notes', to='students.student')),
                ('written_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-written_at', '-id'],
                'default_permissions': ('view', 'add'),
            },
        ),
        migrations.CreateModel(
            name='IndividualPlan',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('draft', 'To be signed'), ('active', 'In force'), ('closed', 'Closed')], default='draft', max_length=6)),
                ('goal', models.CharField(max_length=300)),
                ('steps', models.TextField(help_text='A step a line, with the day by which it is to be done.', max_length=4000)),
                ('review_on', models.DateField(blank=True, help_text='By when it is looked at again.', null=True)),
                ('written_at', models.DateTimeField(default=autopilot.clock.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_because', models.CharField(blank=True, max_length=300)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='students.student')),
                ('written_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-written_at', '-id'],
                'default_permissions': ('view', 'change'),
            },
        ),
        migrations.CreateModel(
            name='Lead',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('first_name', models.CharField(max_length=80)),
                ('last_name', models.CharField(max_length=80)),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, max_length=24)),
                ('source', models.CharField(choices=[('catalog', 'Asked in the catalog'), ('staff', 'Entered by staff'), ('import', 'Imported')], max_length=7)),
                ('status', models.CharField(choices=[('new', 'New'), ('contacted', 'In touch'), ('enrolled', 'Enrolled'), ('closed', 'Closed')], default='new', max_length=9)),
                ('follow_ups', models.PositiveSmallIntegerField(default=0, help_text='Mails that were sent.')),
                ('follow_up_on', models.DateField(blank=True, help_text='When the next mail goes out; empty: none does.', null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('closed_because', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=autopilot.clock.now)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enquiry', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='lead', to='programs.enquiry')),
                ('enrollment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lead', to='students.enrollment')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='programs.program')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'default_permissions': ('view', 'add'),
            },
        ),
        migrations.CreateModel(
            name='PlanReview',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reviewed_on', models.DateField()),
                ('summary', models.TextField(max_length=2000)),
                ('next_on', models.DateField()),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='students.individualplan')),
                ('reviewed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['plan', '-reviewed_on', '-id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PlanSignature',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('party', models.CharField(choices=[('student', 'Student'), ('staff', 'Staff')], max_length=7)),
                ('name', models.CharField(help_text='As it was typed.', max_length=150)),
                ('plan_digest', models.CharField(help_text='SHA-256 of the goal and the steps.', max_length=64)),
                ('ip', models.GenericIPAddressField(blank=True, null=True)),
                ('signed_at', models.DateTimeField(default=autopilot.clock.now)),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='students.individualplan')),
                ('signer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['plan', 'signed_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ProgramPolicy',
            fields=[
                ('program', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='policy', serialize=False, to='programs.program')),
                ('attendance_percent', models.PositiveSmallIntegerField(help_text='Of the clock hours. From the school’s catalog or its licensing board; there is no federal figure.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='least attendance, in percent')),
                ('progress_weeks', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(52)], verbose_name='weeks between reports of progress')),
                ('cancel_days', models.PositiveSmallIntegerField(help_text='From the day of signing.', validators=[django.core.validators.MaxValueValidator(90)], verbose_name='days to cancel with all money back')),
                ('refund_policy', models.TextField(help_text='As the agreement says it, after “After that:”. Its figures stand in the refund rules.', max_length=2000)),
                ('representative', models.CharField(max_length=150, verbose_name='who signs for the school')),
            ],
            options={
                'verbose_name_plural': 'program policies',
                'ordering': ['program'],
                'constraints': [models.CheckConstraint(condition=models.Q(('attendance_percent__gte', 1), ('attendance_percent__lte', 100)), name='program_policy_percent'), models.CheckConstraint(condition=models.Q(('progress_weeks__gte', 1)), name='program_policy_weeks')],
            },
        ),
        migrations.CreateModel(
            name='RefundRule',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('basis', models.CharField(choices=[('days', 'Days since the training began'), ('percent', 'Percent of the clock hours that were taught')], max_length=7)),
                ('up_to', models.DecimalField(decimal_places=2, help_text='The last day, counted from 0, or the last percent, at which the rule holds.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                ('refund_percent', models.DecimalField(decimal_places=2, help_text='Of the tuition.', max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='percent given back')),
                ('effective_from', models.DateField(help_text='For enrollments from this day on.')),
                ('effective_to', models.DateField(blank=True, help_text='To this day; empty: until further notice.', null=True)),
                ('source', models.CharField(help_text='Where it is written: the catalog with its page, or a law.', max_length=200)),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='refund_rules', to='programs.program')),
            ],
            options={
                'ordering': ['program', '-effective_from', 'basis', 'up_to'],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('left_on', models.DateField()),
                ('tuition', models.DecimalField(decimal_places=2, max_digits=10)),
                ('percent', models.DecimalField(decimal_places=2, max_digits=5)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=10)),
                ('explanation', models.CharField(max_length=400)),
                ('granted_at', models.DateTimeField(default=autopilot.clock.now)),
                ('credit_note', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='student_refund', to='programs.creditnote')),
                ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='refund', to='students.enrollment')),
                ('granted_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='students.refundrule')),
            ],
            options={
                'ordering': ['-granted_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='RiskFinding',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('missing_attendance', 'Absent several times'), ('behind', 'Behind, or without any activity, in the last week'), ('missed_milestone', 'Milestone missed'), ('paper_missing', 'Paper missing')], max_length=18)),
                ('about', models.CharField(blank=True, help_text='Which milestone or paper, where there are several.', max_length=80)),
                ('audience', models.CharField(choices=[('holder', 'The school'), ('staff', 'The network’s staff')], max_length=6)),
                ('level', models.CharField(choices=[('warn', 'Watch'), ('escalate', 'Act'), ('critical', 'Act today')], max_length=8)),
                ('explanation', models.CharField(help_text='Why, with the figures; it names nobody.', max_length=400)),
                ('opened_on', models.DateField()),
                ('seen_on', models.DateField(help_text='The last day on which it was found.')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_because', models.CharField(blank=True, max_length=200)),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='risks', to='students.enrollment')),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='risks', to='programs.holder')),
            ],
            options={
                'verbose_name': 'risk',
                'ordering': ['-opened_on', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='RiskNotice',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('missing_attendance', 'Absent several times'), ('behind', 'Behind, or without any activity, in the last week'), ('missed_milestone', 'Milestone missed'), ('paper_missing', 'Paper missing')], max_length=18)),
                ('audience', models.CharField(choices=[('holder', 'The school'), ('staff', 'The network’s staff')], max_length=6)),
                ('day', models.DateField()),
                ('sent_at', models.DateTimeField(default=autopilot.clock.now)),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='risk_notices', to='students.enrollment')),
            ],
            options={
                'ordering': ['-day', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='StudentInvitation',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('token_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('invited_at', models.DateTimeField(default=autopilot.clock.now)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('invited_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='students.student')),
            ],
            options={
                'ordering': ['student', '-invited_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='StudentMessage',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('by_student', models.BooleanField()),
                ('text', models.TextField(max_length=2000)),
                ('sent_at', models.DateTimeField(default=autopilot.clock.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enrollment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='conversation', to='students.enrollment')),
            ],
            options={
                'ordering': ['enrollment', 'sent_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='StudentPaper',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('file_name', models.CharField(max_length=200)),
                ('status', models.CharField(choices=[('submitted', 'Submitted'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], default='submitted', max_length=9)),
                ('remark', models.CharField(blank=True, help_text='Why it was rejected; the student reads it.', max_length=500)),
                ('uploaded_at', models.DateTimeField(default=autopilot.clock.now)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('replaced_at', models.DateTimeField(blank=True, null=True)),
                ('asked', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='students.askedpaper')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='autopilot.document')),
                ('reviewed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='students.student')),
                ('uploaded_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at', '-id'],
                'permissions': [('review_studentpaper', 'Can accept and reject the papers of students')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='SupportiveService',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('transportation', 'Transportation'), ('child_care', 'Child or dependent care'), ('housing', 'Housing'), ('tools', 'Tools, uniforms and work clothes'), ('fees', 'Exam, license and record fees'), ('needs', 'Needs-related payment'), ('other', 'Other')], max_length=14)),
                ('description', models.CharField(max_length=300)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=10)),
                ('provided_on', models.DateField()),
                ('reference', models.CharField(max_length=120, unique=True)),
                ('entered_at', models.DateTimeField(default=autopilot.clock.now)),
                ('entered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='supportive_services', to='students.student')),
            ],
            options={
                'ordering': ['-provided_on', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='TrainingAccount',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(help_text='As the local board knows it.', max_length=40, unique=True)),
                ('limit', models.DecimalField(blank=True, decimal_places=2, help_text='The local board’s limit; empty where it is not known. Confirm it with your board.', max_digits=10, null=True)),
                ('obligated', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, help_text='Set aside for this training.', max_digits=10)),
                ('vouchered', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, help_text='Billed to the board.', max_digits=10)),
                ('paid', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, help_text='Paid by the board.', max_digits=10)),
                ('refunded', models.DecimalField(decimal_places=2, default=Decimal('0.00'), editable=False, help_text='Given back to the board.', max_digits=10)),
                ('opened_at', models.DateTimeField(default=autopilot.clock.now)),
                ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='account', to='students.enrollment')),
            ],
            options={
                'verbose_name': 'training account',
                'ordering': ['-opened_at', '-id'],
                'permissions': [('manage_trainingaccount', 'Can open training accounts and enter what is spent')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='CostEntry',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('obligation', 'Obligation'), ('voucher', 'Voucher'), ('payment', 'Payment'), ('refund', 'Refund')], max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=10)),
                ('reference', models.CharField(max_length=120)),
                ('on', models.DateField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('entered_at', models.DateTimeField(default=autopilot.clock.now)),
                ('entered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='students.trainingaccount')),
            ],
            options={
                'ordering': ['account', 'entered_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='WaitingPlace',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('funding', models.CharField(choices=[('wioa', 'WIOA'), ('third_party', 'Another third party'), ('self_pay', 'The student')], default='wioa', max_length=11)),
                ('joined_at', models.DateTimeField(default=autopilot.clock.now)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, help_text='Why the place was given up.', max_length=300)),
                ('added_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='programs.cohort')),
                ('enrollment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waited', to='students.enrollment')),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.holder')),
                ('student', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='students.student')),
            ],
            options={
                'ordering': ['cohort', 'joined_at', 'id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('enrollment',), name='agreement_one_stands'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('signed_at', None), ('replaced_at', None), _connector='OR'), name='agreement_signed_stands'),
        ),
        migrations.AddIndex(
            model_name='casenote',
            index=models.Index(fields=['student', '-written_at', '-id'], name='case_note_of_student'),
        ),
        migrations.AddConstraint(
            model_name='casenote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('status', ''), _negated=True), models.Q(('staff_name', ''), _negated=True)), name='case_note_minimum'),
        ),
        migrations.AddIndex(
            model_name='individualplan',
            index=models.Index(fields=['student', '-written_at'], name='plan_of_student'),
        ),
        migrations.AddIndex(
            model_name='individualplan',
            index=models.Index(condition=models.Q(('status', 'active')), fields=['review_on'], name='plan_to_review'),
        ),
        migrations.AddConstraint(
            model_name='individualplan',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'active', 'closed'])), name='plan_status_known'),
        ),
        migrations.AddConstraint(
            model_name='individualplan',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'active')), fields=('student',), name='plan_one_active'),
        ),
        migrations.AddConstraint(
            model_name='individualplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'active'), _negated=True), ('review_on__isnull', False), _connector='OR'), name='plan_active_has_review'),
        ),
        migrations.AddConstraint(
            model_name='individualplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'closed'), _negated=True), models.Q(('closed_at__isnull', False), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='plan_closed_has_reason'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['-created_at', '-id'], name='lead_list'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['program', 'email'], name='lead_same_email'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('follow_up_on__isnull', False)), fields=['follow_up_on'], name='lead_to_write'),
        ),
        migrations.AddConstraint(
            model_name='lead',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['new', 'contacted', 'enrolled', 'closed'])), name='lead_status_known'),
        ),
        migrations.AddConstraint(
            model_name='lead',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('phone', ''), _negated=True), _connector='OR'), name='lead_reachable'),
        ),
        migrations.AddConstraint(
            model_name='lead',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'enrolled'), _negated=True), ('enrollment__isnull', False), _connector='OR'), name='lead_enrolled_has_enrollment'),
        ),
        migrations.AddConstraint(
            model_name='lead',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'closed'), _negated=True), models.Q(('closed_because', ''), _negated=True), _connector='OR'), name='lead_closed_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='lead',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['enrolled', 'closed']), _negated=True), ('follow_up_on', None), _connector='OR'), name='lead_done_has_no_mail'),
        ),
        migrations.AddIndex(
            model_name='planreview',
            index=models.Index(fields=['plan', '-reviewed_on'], name='plan_review_of_plan'),
        ),
        migrations.AddConstraint(
            model_name='planreview',
            constraint=models.CheckConstraint(condition=models.Q(('next_on__gt', models.F('reviewed_on'))), name='plan_review_looks_ahead'),
        ),
        migrations.AddConstraint(
            model_name='plansignature',
            constraint=models.UniqueConstraint(fields=('plan', 'party'), name='plan_signature_one_per_party'),
        ),
        migrations.AddConstraint(
            model_name='plansignature',
            constraint=models.UniqueConstraint(fields=('plan', 'signer'), name='plan_signature_two_people'),
        ),
        migrations.AddConstraint(
            model_name='refundrule',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['days', 'percent'])), name='refund_rule_basis_known'),
        ),
        migrations.AddConstraint(
            model_name='refundrule',
            constraint=models.CheckConstraint(condition=models.Q(('refund_percent__gte', 0), ('refund_percent__lte', 100), ('up_to__gte', 0)), name='refund_rule_percent'),
        ),
        migrations.AddConstraint(
            model_name='refundrule',
            constraint=models.CheckConstraint(condition=models.Q(('effective_to', None), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='refund_rule_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='refundrule',
            constraint=models.UniqueConstraint(fields=('program', 'effective_from', 'basis', 'up_to'), name='refund_rule_once', violation_error_message='There is such a rule for this point already.'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', models.F('tuition'))), name='refund_within_tuition'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gt', 0), ('percent__lte', 100)), name='refund_percent_known'),
        ),
        migrations.AddIndex(
            model_name='riskfinding',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['holder', 'audience'], name='risk_of_holder'),
        ),
        migrations.AddIndex(
            model_name='riskfinding',
            index=models.Index(fields=['-opened_on', '-id'], name='risk_list'),
        ),
        migrations.AddConstraint(
            model_name='riskfinding',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('enrollment', 'kind', 'about', 'audience'), name='risk_open_once'),
        ),
        migrations.AddConstraint(
            model_name='riskfinding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['missing_attendance', 'behind', 'missed_milestone', 'paper_missing'])), name='risk_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='riskfinding',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at', None), models.Q(('closed_because', ''), _negated=True), _connector='OR'), name='risk_closed_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='risknotice',
            constraint=models.UniqueConstraint(fields=('enrollment', 'kind', 'audience', 'day'), name='risk_notice_once'),
        ),
        migrations.AddIndex(
            model_name='studentinvitation',
            index=models.Index(fields=['student', '-invited_at'], name='student_invitation_of'),
        ),
        migrations.AddConstraint(
            model_name='studentinvitation',
            constraint=models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None)), fields=('student',), name='student_invitation_one_open'),
        ),
        migrations.AddConstraint(
            model_name='studentinvitation',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('invited_at'))), name='student_invitation_expires'),
        ),
        migrations.AddIndex(
            model_name='studentmessage',
            index=models.Index(fields=['enrollment', 'sent_at', 'id'], name='student_message_of'),
        ),
        migrations.AddIndex(
            model_name='studentmessage',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['enrollment', 'by_student'], name='student_message_unread'),
        ),
        migrations.AddIndex(
            model_name='studentpaper',
            index=models.Index(condition=models.Q(('replaced_at', None), ('status', 'submitted')), fields=['uploaded_at'], name='student_paper_to_review'),
        ),
        migrations.AddConstraint(
            model_name='studentpaper',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('student', 'asked'), name='student_paper_one_stands'),
        ),
        migrations.AddConstraint(
            model_name='studentpaper',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['submitted', 'accepted', 'rejected'])), name='student_paper_status_known'),
        ),
        migrations.AddConstraint(
            model_name='studentpaper',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'rejected'), _negated=True), models.Q(('remark', ''), _negated=True), _connector='OR'), name='student_paper_rejected_has_remark'),
        ),
        migrations.AddIndex(
            model_name='supportiveservice',
            index=models.Index(fields=['student', '-provided_on'], name='supportive_service_of'),
        ),
        migrations.AddConstraint(
            model_name='supportiveservice',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='supportive_service_amount'),
        ),
        migrations.AddConstraint(
            model_name='supportiveservice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['transportation', 'child_care', 'housing', 'tools', 'fees', 'needs', 'other'])), name='supportive_service_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='trainingaccount',
            constraint=models.CheckConstraint(condition=models.Q(('paid__lte', models.F('vouchered')), ('refunded__gte', 0), ('refunded__lte', models.F('paid')), ('vouchered__lte', models.F('obligated'))), name='training_account_in_order'),
        ),
        migrations.AddConstraint(
            model_name='trainingaccount',
            constraint=models.CheckConstraint(condition=models.Q(('limit', None), ('obligated__lte', models.F('limit')), _connector='OR'), name='training_account_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='costentry',
            constraint=models.UniqueConstraint(fields=('account', 'kind', 'reference'), name='cost_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='costentry',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='cost_entry_positive'),
        ),
        migrations.AddConstraint(
            model_name='costentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['obligation', 'voucher', 'payment', 'refund'])), name='cost_entry_kind_known'),
        ),
        migrations.AddIndex(
            model_name='waitingplace',
            index=models.Index(condition=models.Q(('left_at', None)), fields=['cohort', 'joined_at', 'id'], name='waiting_in_order'),
        ),
        migrations.AddConstraint(
            model_name='waitingplace',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('cohort', 'student'), name='waiting_once'),
        ),
        migrations.AddConstraint(
            model_name='waitingplace',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('enrollment', None), ('left_at', None)), models.Q(('left_at__isnull', False), models.Q(('enrollment__isnull', False), models.Q(('reason', ''), _negated=True), _connector='OR')), _connector='OR'), name='waiting_ended_has_reason'),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]
