"""Lists of mails, deliveries and deeds find their rows by index; and no deed is ever deleted."""

from django.db import migrations, models

from autopilot.append_only import keep, release
from autopilot.operations import AddIndex, RemoveIndex, StepwiseMigration


def keep_deeds(apps, schema_editor):
    keep(schema_editor, apps.get_model("autopilot", "auditentry"))


def release_deeds(apps, schema_editor):
    release(schema_editor, apps.get_model("autopilot", "auditentry"))


class Migration(StepwiseMigration):
    dependencies = [("autopilot", "0008_jobs")]

    operations = [
        RemoveIndex(
            model_name="auditentry",
            name="audit_subject",
        ),
        RemoveIndex(
            model_name="auditentry",
            name="audit_at",
        ),
        RemoveIndex(
            model_name="webhookdelivery",
            name="delivery_due",
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["subject_id", "subject_type"], name="audit_subject_id"),
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["subject_type", "-at", "-id"], name="audit_type"),
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["-at", "-id"], name="audit_list"),
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor_label", "-at", "-id"], name="audit_actor_label"),
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["name"], name="audit_name", opclasses=["varchar_pattern_ops"]),
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(condition=models.Q(("ip__isnull", False)), fields=["ip", "-at", "-id"], name="audit_ip"),
        ),
        AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["-created_at", "-id"], name="outbox_list"),
        ),
        AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["topic", "-created_at", "-id"], name="outbox_topic"),
        ),
        AddIndex(
            model_name="outboxmessage",
            index=models.Index(condition=models.Q(("status", "failed")), fields=["-created_at", "-id"], name="outbox_failed"),
        ),
        AddIndex(
            model_name="webhookdelivery",
            index=models.Index(condition=models.Q(("status", "pending")), fields=["endpoint", "next_attempt_at"], name="delivery_due_endpoint"),
        ),
        AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "-created_at", "-id"], name="delivery_endpoint"),
        ),
        AddIndex(
            model_name="webhookdelivery",
            index=models.Index(condition=models.Q(("status", "failed")), fields=["-created_at", "-id"], name="delivery_failed"),
        ),
        migrations.RunPython(keep_deeds, release_deeds),
    ]
