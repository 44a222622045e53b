"""Billing: what was settled of invoices, revenue, earnings bound to their payouts; and what no longer changes."""

from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.models import F, Q

import autopilot.clock
import autopilot.identifiers
from autopilot.append_only import keep, protect, release, unprotect
from autopilot.operations import AddConstraint, AddIndex, StepwiseMigration

VIEW = ["view_bankaccount", "view_revenue"]
GRANTS = {
    "Administrator": [*VIEW, "add_revenue", "reveal_bankaccount"],
    "Auditor": VIEW,
    "Finance": [*VIEW, "add_revenue", "reveal_bankaccount"],
}

NUMBERED = "OLD.\"number\" <> ''"
# What may still change of each, and from when on the rest may not.
STANDING = {
    "invoice": {
        "free": ["status", "settled", "paid_at", "cancelled_at", "cancel_reason"],
        "fillable": ["document_id"],
        "once": NUMBERED,
    },
    "charge": {"free": ["invoice_id"]},
    "creditnote": {"forgettable": ["issued_by_id"], "fillable": ["document_id"]},
    "payment": {"forgettable": ["recorded_by_id"]},
    "revenue": {"forgettable": ["recorded_by_id"]},
    "earning": {"free": ["payout_id"]},
    "payout": {"free": ["cancelled_at"], "fillable": ["document_id"]},
    "payoutbatch": {
        "free": ["status", "paid_at", "payment_reference", "cancelled_at", "cancel_reason"],
        "fillable": ["approved_by_id", "approved_at"],
    },
}
ON_SENT = (
    "EXISTS (SELECT 1 FROM programs_invoice WHERE number <> ''"
    " AND (id = OLD.invoice_id OR id = NEW.invoice_id)) AND {changed}"
)
MESSAGE = "the charges of an invoice that is sent stand"


def guard(apps, schema_editor):
    unguard(apps, schema_editor)
    for name, allowed in STANDING.items():
        model = apps.get_model("programs", name)
        protect(schema_editor, model, **allowed)
        keep(schema_editor, model)
    if schema_editor.connection.vendor == "postgresql":
        condition = ON_SENT.format(changed="NEW.invoice_id IS DISTINCT FROM OLD.invoice_id")
        schema_editor.execute(
            f"""CREATE FUNCTION programs_charge_stands() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF {condition} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END IF;
            RETURN NEW; END $$"""
        )
        schema_editor.execute(
            "CREATE TRIGGER programs_charge_stands BEFORE UPDATE ON programs_charge"
            " FOR EACH ROW EXECUTE FUNCTION programs_charge_stands()"
        )
        return
    condition = ON_SENT.format(changed="NEW.invoice_id IS NOT OLD.invoice_id")
    schema_editor.execute(
        f"""CREATE TRIGGER programs_charge_stands BEFORE UPDATE ON programs_charge FOR EACH ROW WHEN {condition}
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"""
    )


def unguard(apps, schema_editor):
    for name in STANDING:
        model = apps.get_model("programs", name)
        unprotect(schema_editor, model)
        release(schema_editor, model)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER IF EXISTS programs_charge_stands ON programs_charge")
        schema_editor.execute("DROP FUNCTION IF EXISTS programs_charge_stands()")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS programs_charge_stands")


def grant(apps, schema_editor):
    # Django makes permissions only after the last migration, and only for apps that say they have models.
    config = apps.get_app_config("programs")
    config.models_module = True
    create_permissions(config, verbosity=0, apps=apps, using=schema_editor.connection.alias)
    config.models_module = None
    permission = apps.get_model("auth", "Permission")
    for name, codenames in GRANTS.items():
        found = permission.objects.filter(content_type__app_label="programs", codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions are missing for {name}.")
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*found)


class Migration(StepwiseMigration):
    dependencies = [("autopilot", "0015_groups_forms"), ("programs", "0006_requirement_types")]

    operations = [
        migrations.CreateModel(
            name="Revenue",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=autopilot.identifiers.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reference", models.CharField(max_length=120, unique=True)),
                ("description", models.CharField(max_length=300)),
                ("gross", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "costs",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), help_text="Taken off first.", max_digits=12
                    ),
                ),
                ("cleared_on", models.DateField()),
                ("created_at", models.DateTimeField(default=autopilot.clock.now, editable=False)),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revenues",
                        to="programs.holder",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revenues",
                        to="programs.program",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "revenue",
                "ordering": ["-cleared_on", "-id"],
                "indexes": [models.Index(name="revenue_of_holder", fields=["holder", "-cleared_on"])],
                "constraints": [
                    models.CheckConstraint(
                        name="revenue_costs_within_gross", condition=Q(gross__gt=0, costs__gte=0, costs__lte=F("gross"))
                    )
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="bankaccount",
            options={
                "ordering": ["holder", "-entered_at"],
                "permissions": [("reveal_bankaccount", "Can read whole account numbers; each time is recorded")],
            },
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="contact_email",
            field=models.EmailField(
                blank=True,
                db_default="",
                help_text="The holder's contact when it was entered: told of changes.",
                max_length=254,
                verbose_name="contact e-mail",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="payout",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="earnings",
                to="programs.payout",
            ),
        ),
        migrations.AddField(
            model_name="invoice", name="cancelled_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="invoice",
            name="settled",
            field=models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=Decimal("0.00"),
                help_text="What was paid and credited of it; raised with each payment and credit note,"
                " never above the total.",
                max_digits=12,
            ),
        ),
        migrations.AddField(
            model_name="payout",
            name="document",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The remittance.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="autopilot.document",
            ),
        ),
        migrations.AddField(
            model_name="payoutbatch", name="cancel_reason", field=models.TextField(blank=True, db_default="")
        ),
        migrations.AddField(
            model_name="payoutbatch", name="cancelled_at", field=models.DateTimeField(blank=True, null=True)
        ),
        AddIndex(
            model_name="earning",
            index=models.Index(
                condition=Q(payout__isnull=True), fields=["holder", "earned_on"], name="earning_to_pay"
            ),
        ),
        AddIndex(
            model_name="earning",
            index=models.Index(condition=Q(payout__isnull=False), fields=["payout"], name="earning_of_payout"),
        ),
        AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(settled__gte=0, settled__lte=F("total")), name="invoice_settled_within_total"
            ),
        ),
        AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=~Q(status="paid") | Q(settled=F("total"), paid_at__isnull=False),
                name="invoice_paid_is_settled",
            ),
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
