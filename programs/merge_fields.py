"""What an application knows that can be written into agencies' forms."""

from typing import Any

from autopilot.fillable_forms import merging
from autopilot.fillable_forms.merging import MergeField
from programs.models import MOST_PROGRAMS, MOST_SITES, Application
from programs.services import filled_forms
from programs.services.applications import facts_of

PREFIX = filled_forms.PREFIX
OF_APPLICATION = {
    "legal_name": "Legal name",
    "doing_business_as": "Doing business as",
    "entity_type": "Type of organization",
    "ein": "EIN",
    "contact_name": "Contact: name",
    "contact_title": "Contact: title",
    "contact_email": "Contact: e-mail",
    "contact_phone": "Contact: phone",
    "mailing_street": "Mailing address: street",
    "mailing_city": "Mailing address: city",
    "mailing_state": "Mailing address: state",
    "mailing_zip": "Mailing address: ZIP code",
    "site_street": "Training site: street",
    "site_city": "Training site: city",
    "site_state": "Training site: state",
    "site_zip": "Training site: ZIP code",
    "expected_students": "Students expected per year",
    "reference": "Reference",
    "submitted_at": "Day of submission",
}
OF_PROGRAM = {
    "title": "title",
    "cip_code": "CIP code",
    "credential": "credential",
    "clock_hours": "clock hours",
    "cost": "cost in dollars",
    "soc_codes": "SOC codes",
}
OF_SITE = {
    "name": "name",
    "street": "street",
    "city": "city",
    "state": "state",
    "zip": "ZIP code",
}


def context_of(application: Application) -> dict[str, Any]:
    """Return what is known of an application, by the names of the merge fields."""
    return filled_forms.context_of(
        facts_of(application), reference=application.reference, submitted_at=application.submitted_at
    )


merging.offer(
    *(MergeField(f"{PREFIX}.{name}", label) for name, label in OF_APPLICATION.items()),
    *(
        MergeField(f"{PREFIX}.program_{number}.{name}", f"Program {number:>2}: {label}")
        for number in range(1, MOST_PROGRAMS + 1)
        for name, label in OF_PROGRAM.items()
    ),
    *(
        MergeField(f"{PREFIX}.site_{number}.{name}", f"Training site {number:>2}: {label}")
        for number in range(2, MOST_SITES + 1)
        for name, label in OF_SITE.items()
    ),
)
