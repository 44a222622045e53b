"""What an application knows that can be written into agencies' forms."""

from typing import Any

from autopilot.fillable_forms import merging
from autopilot.fillable_forms.merging import MergeField
from programs.models import MOST_PROGRAMS, Application, ApplicationProgram

PREFIX = "application"
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
}


def context_of(application: Application) -> dict[str, Any]:
    """Return what is known of an application, by the names of the merge fields."""
    known: dict[str, Any] = {f"{PREFIX}.{name}": getattr(application, name) for name in OF_APPLICATION}
    known[f"{PREFIX}.submitted_at"] = application.submitted_at.date()
    for number, program in enumerate(application.programs.all()[:MOST_PROGRAMS], start=1):
        known |= _of_program(number, program)
    return known


def _of_program(number: int, program: ApplicationProgram) -> dict[str, Any]:
    return {f"{PREFIX}.program_{number}.{name}": getattr(program, name) for name in OF_PROGRAM}


merging.offer(
    *(MergeField(f"{PREFIX}.{name}", label) for name, label in OF_APPLICATION.items()),
    *(
        MergeField(f"{PREFIX}.program_{number}.{name}", f"Program {number:>2}: {label}")
        for number in range(1, MOST_PROGRAMS + 1)
        for name, label in OF_PROGRAM.items()
    ),
)
