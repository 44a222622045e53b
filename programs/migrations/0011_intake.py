"""What applications bring along: sites, occupations, documents; and the drafts they were."""

import autopilot.clock
import autopilot.identifiers
import django.core.validators
import django.db.models.deletion
import programs.models.intake
from django.conf import settings
from django.db import migrations, models

from autopilot.operations import AddConstraint, StepwiseMigration


NAME = "Applications: forget drafts that have expired"


def lay(apps, schema_editor):
    worker, _ = apps.get_model("autopilot", "Worker").objects.get_or_create(name="application")
    apps.get_model("autopilot", "Schedule").objects.get_or_create(
        name=NAME,
        defaults={
            "worker": worker, "kind": "application.forget_drafts", "cron": "35 0 * * *",
            "time_zone": settings.TIME_ZONE,
        },
    )  # fmt: skip


def lift(apps, schema_editor):
    apps.get_model("autopilot", "Schedule").objects.filter(name=NAME).delete()


class Migration(StepwiseMigration):
    dependencies = [
        ("autopilot", "0016_outbox_of_a_tenant"),
        ("programs", "0010_mou_evidence"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplicationDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.SlugField(
                        blank=True,
                        db_index=False,
                        help_text="The requirement it proves; blank for any other document.",
                        max_length=60,
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["application", "position"],
            },
        ),
        migrations.CreateModel(
            name="ApplicationDraft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token_digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("email", models.EmailField(help_text="Where the link was mailed.", max_length=254)),
                ("contents", models.JSONField(default=dict, validators=[programs.models.intake.check_contents])),
                ("saves", models.PositiveIntegerField(default=1, help_text="How often it was saved.")),
                ("saved_at", models.DateTimeField(default=autopilot.clock.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["-saved_at", "id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ApplicationSite",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="Such as North campus.", max_length=120, verbose_name="name of the site"
                    ),
                ),
                ("street", models.CharField(max_length=200, verbose_name="street and suite")),
                ("city", models.CharField(max_length=100, verbose_name="city")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("AL", "Alabama"),
                            ("AK", "Alaska"),
                            ("AS", "American Samoa"),
                            ("AZ", "Arizona"),
                            ("AR", "Arkansas"),
                            ("CA", "California"),
                            ("CO", "Colorado"),
                            ("CT", "Connecticut"),
                            ("DE", "Delaware"),
                            ("DC", "District of Columbia"),
                            ("FL", "Florida"),
                            ("GA", "Georgia"),
                            ("GU", "Guam"),
                            ("HI", "Hawaii"),
                            ("ID", "Idaho"),
                            ("IL", "Illinois"),
                            ("IN", "Indiana"),
                            ("IA", "Iowa"),
                            ("KS", "Kansas"),
                            ("KY", "Kentucky"),
                            ("LA", "Louisiana"),
                            ("ME", "Maine"),
                            ("MD", "Maryland"),
                            ("MA", "Massachusetts"),
                            ("MI", "Michigan"),
                            ("MN", "Minnesota"),
                            ("MS", "Mississippi"),
                            ("MO", "Missouri"),
                            ("MT", "Montana"),
                            ("NE", "Nebraska"),
                            ("NV", "Nevada"),
                            ("NH", "New Hampshire"),
                            ("NJ", "New Jersey"),
                            ("NM", "New Mexico"),
                            ("NY", "New York"),
                            ("NC", "North Carolina"),
                            ("ND", "North Dakota"),
                            ("MP", "Northern Mariana Islands"),
                            ("OH", "Ohio"),
                            ("OK", "Oklahoma"),
                            ("OR", "Oregon"),
                            ("PA", "Pennsylvania"),
                            ("PR", "Puerto Rico"),
                            ("RI", "Rhode Island"),
                            ("SC", "South Carolina"),
                            ("SD", "South Dakota"),
                            ("TN", "Tennessee"),
                            ("TX", "Texas"),
                            ("UT", "Utah"),
                            ("VT", "Vermont"),
                            ("VI", "Virgin Islands"),
                            ("VA", "Virginia"),
                            ("WA", "Washington"),
                            ("WV", "West Virginia"),
                            ("WI", "Wisconsin"),
                            ("WY", "Wyoming"),
                        ],
                        default="IN",
                        max_length=2,
                        verbose_name="state",
                    ),
                ),
                (
                    "zip",
                    models.CharField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{5}(-[0-9]{4})?\\Z", "Enter five digits, or nine as 46204-1234.", code="zip"
                            )
                        ],
                        verbose_name="ZIP code",
                    ),
                ),
            ],
            options={
                "ordering": ["application", "position"],
            },
        ),
        migrations.AddField(
            model_name="applicationprogram",
            name="soc_codes",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="By their SOC codes, with a space between them.",
                max_length=24,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]{2}-[0-9]{4}( [0-9]{2}-[0-9]{4}){0,2}\\Z",
                        "Enter one to three codes in the form 51-4121.",
                        code="soc_format",
                    )
                ],
                verbose_name="occupations",
            ),
        ),
        migrations.AddField(
            model_name="applicationprogram",
            name="taught_at",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Numbers of training sites; none: at all of them.",
                max_length=30,
                validators=[
                    django.core.validators.RegexValidator(
                        "^([1-9]|10)( ([1-9]|10)){0,9}\\Z", "Enter numbers of training sites.", code="taught_at"
                    )
                ],
            ),
        ),
        AddConstraint(
            model_name="applicationprogram",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("soc_codes", ""),
                    ("soc_codes__regex", "^[0-9]{2}-[0-9]{4}( [0-9]{2}-[0-9]{4}){0,2}\\Z"),
                    _connector="OR",
                ),
                name="application_program_soc_format",
            ),
        ),
        AddConstraint(
            model_name="applicationprogram",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taught_at", ""), ("taught_at__regex", "^([1-9]|10)( ([1-9]|10)){0,9}\\Z"), _connector="OR"
                ),
                name="application_program_taught_at",
            ),
        ),
        migrations.AddField(
            model_name="applicationdocument",
            name="application",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="documents",
                to="programs.application",
            ),
        ),
        migrations.AddField(
            model_name="applicationdocument",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="autopilot.document"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationdraft",
            constraint=models.CheckConstraint(condition=models.Q(("saves__gte", 1)), name="application_draft_saved"),
        ),
        migrations.AddConstraint(
            model_name="applicationdraft",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("saved_at"))), name="application_draft_expires"
            ),
        ),
        migrations.AddField(
            model_name="applicationsite",
            name="application",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sites",
                to="programs.application",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationdocument",
            constraint=models.UniqueConstraint(
                fields=("application", "position"), name="application_document_one_per_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 12)), name="application_document_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationsite",
            constraint=models.UniqueConstraint(
                fields=("application", "position"), name="application_site_one_per_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationsite",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 2), ("position__lte", 10)), name="application_site_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationsite",
            constraint=models.CheckConstraint(
                condition=models.Q(("zip__regex", "^[0-9]{5}(-[0-9]{4})?\\Z")), name="application_site_zip_format"
            ),
        ),
        migrations.RunPython(lay, lift),
    ]
