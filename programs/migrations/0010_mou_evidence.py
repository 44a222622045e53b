"""The evidence of signatures, chained by hash; what was sent no longer changes; and the day's look at what is over."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import autopilot.clock
import autopilot.identifiers
from autopilot.append_only import keep, protect, release, unprotect

NAME = "MOUs: end what is over"
# What may still change of an MOU that was sent: where it stands, never its terms.
STANDING = {
    "free": ["status", "reason", "effective_on", "executed_at", "ended_at"],
    "fillable": ["executed_document_id"],
    "forgettable": ["created_by_id"],
    "once": "OLD.\"status\" <> 'draft'",
}


def guard(apps, schema_editor):
    evidence, mou = apps.get_model("programs", "mouevidence"), apps.get_model("programs", "mou")
    protect(schema_editor, evidence)
    keep(schema_editor, evidence)
    protect(schema_editor, mou, **STANDING)


def lay(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="mou")
    apps.get_model("autopilot", "Schedule").objects.get_or_create(
        name=NAME,
        defaults={"worker": worker, "kind": "mou.expire", "cron": "10 0 * * *", "time_zone": settings.TIME_ZONE},
    )


def lift(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name=NAME).delete()


def unguard(apps, schema_editor):
    evidence, mou = apps.get_model("programs", "mouevidence"), apps.get_model("programs", "mou")
    unprotect(schema_editor, evidence)
    release(schema_editor, evidence)
    unprotect(schema_editor, mou)


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0009_requirement_watch'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MouEvidence',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(help_text='From 1, without gaps.')),
                ('deed', models.CharField(max_length=40)),
                ('facts', models.JSONField(blank=True, default=dict, help_text="Ids and digests, never a person's data.")),
                ('actor_id', models.CharField(blank=True, help_text='The account; blank for the autopilot itself.', max_length=20)),
                ('ip', models.GenericIPAddressField(blank=True, null=True)),
                ('user_agent', models.CharField(blank=True, max_length=400)),
                ('at', models.DateTimeField(default=autopilot.clock.now)),
                ('previous_hash', models.CharField(blank=True, max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('mou', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='programs.mou')),
            ],
            options={
                'verbose_name': 'link of evidence',
                'verbose_name_plural': 'evidence',
                'ordering': ['mou', 'number'],
                'constraints': [models.UniqueConstraint(fields=('mou', 'number'), name='mou_evidence_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='mou_evidence_number')],
            },
        ),
        migrations.CreateModel(
            name='SigningCode',
            fields=[
                ('id', models.UUIDField(default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(help_text='Where it was sent.', max_length=254, verbose_name='e-mail')),
                ('document_sha256', models.CharField(help_text='Of what the signer was shown.', max_length=64)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=autopilot.clock.now, editable=False)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('mou', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='programs.mou')),
                ('signer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['mou', '-created_at'],
                'indexes': [models.Index(fields=['mou', 'signer', '-created_at'], name='signing_code_of_signer')],
            },
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(lay, lift),
    ]
