"""What the enrollment agreement of a program promises."""

import django.core.validators
from django.db import migrations, models

from autopilot.operations import StepwiseMigration


class Migration(StepwiseMigration):
    dependencies = [("programs", "0013_billing_schedules")]
    operations = [
        migrations.AddField(
            model_name="program",
            name="attendance_percent",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Of the clock hours; it stands in the enrollment agreement.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="least attendance in percent",
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="cancel_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="After signing the enrollment agreement.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="days to cancel with all money back",
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="refund_policy",
            field=models.TextField(
                blank=True, db_default="", help_text="What is given back after those days.", max_length=2000
            ),
        ),
    ]
