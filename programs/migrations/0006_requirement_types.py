"""The checklist that holders start with; staff edit it from here on."""

from datetime import date

from django.db import migrations

SINCE = date(2026, 7, 1)
# Group, slug, title, asked once for each program, its proof expires, what to upload, who asks for it.
TYPES = [
    ("business", "mou", "Memorandum of understanding", False, False, "Signed in the portal; nothing to upload.", ""),
    ("business", "w-9", "Form W-9", False, False, "The current form, signed within the last year.", "IRS Form W-9"),
    ("business", "license", "Business or school license", False, True, "The license with number and date.", ""),
    ("business", "insurance", "Liability insurance", False, True, "The certificate of insurance, with its dates.", ""),
    ("business", "lease", "Lease or deed", False, True, "The lease of the training site, or proof of ownership.", ""),
    ("program", "state-approval", "State approval of the program", True, True, "The approving agency's letter.",
     "20 CFR 680.450"),
    ("program", "curriculum", "Curriculum", True, False, "Units, hours and objectives.", ""),
    ("program", "instructor-credentials", "Instructor credentials", True, True, "License or certification of each.", ""),
    ("program", "handbook", "Student handbook", False, False, "The handbook that students are given.", ""),
    ("program", "sample-certificate", "Sample certificate", True, False, "What a graduate is given, without a name.", ""),
    ("compliance", "background-checks", "Background checks", False, True, "A list of who was checked, and when.", ""),
    ("compliance", "safety", "Safety plan", False, False, "Emergency exits, first aid, equipment.", ""),
    ("compliance", "grievance", "Grievance policy", False, False, "How students complain, and to whom.", "20 CFR 683.600"),
    ("compliance", "refund", "Refund policy", False, False, "When and how much is refunded.", ""),
    ("compliance", "ferpa", "FERPA policy", False, False, "How education records are kept and disclosed.", "34 CFR 99"),
    ("compliance", "equal-opportunity", "Equal opportunity notice", False, False, "The notice as it is posted.",
     "29 CFR 38.34-38.36"),
]  # fmt: skip


def lay(apps, schema_editor):
    model = apps.get_model("programs", "RequirementType")
    for position, (group, slug, title, per_program, expires, instructions, source) in enumerate(TYPES, start=1):
        model.objects.create(
            slug=slug, title=title, group=group, instructions=instructions, source=source, per_program=per_program,
            expires=expires, position=position * 10, effective_from=SINCE,
        )  # fmt: skip


def lift(apps, schema_editor):
    apps.get_model("programs", "RequirementType").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_append_only")]
    operations = [migrations.RunPython(lay, lift)]
