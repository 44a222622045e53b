"""What the groups of staff may do with holders and all that belongs to them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEW = ["view_holder", "view_site", "view_member", "view_requirement", "view_requirementtype", "view_program",
        "view_cohort", "view_session", "view_mou", "view_signature", "view_listing", "view_enquiry"]  # fmt: skip
VIEW_MONEY = ["view_invoice", "view_charge", "view_creditnote", "view_payment", "view_payoutbatch", "view_payout",
              "view_earning"]  # fmt: skip
REVIEW = ["review_requirement", "review_program"]
CONTROL = ["control_holder", "prepare_mou", "sign_mou"]
CONFIGURE = ["add_requirementtype", "change_requirementtype"]
BILL = ["manage_invoice", "prepare_payoutbatch", "approve_payoutbatch"]

GROUPS = {
    "Administrator": VIEW + VIEW_MONEY + REVIEW + CONTROL + CONFIGURE + BILL,
    "Operator": VIEW,
    "Reviewer": VIEW + REVIEW,
    "Auditor": VIEW + VIEW_MONEY,
    "Case manager": VIEW + REVIEW,
    "Compliance officer": VIEW + REVIEW + CONTROL + CONFIGURE,
    "Finance": VIEW + VIEW_MONEY + BILL,
}


def _create_permissions(app_config, apps, using):
    # Django makes permissions only after the last migration, and only for apps that say they have models.
    app_config.models_module = True
    create_permissions(app_config, verbosity=0, apps=apps, using=using)
    app_config.models_module = None


def grant(apps, schema_editor):
    _create_permissions(apps.get_app_config("programs"), apps, schema_editor.connection.alias)
    permission = apps.get_model("auth", "Permission")
    for name, codenames in GROUPS.items():
        found = permission.objects.filter(content_type__app_label="programs", codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions are missing for {name}.")
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("programs", "0003_holders"), ("autopilot", "0003_groups")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
