"""What a person should know of a form that can be filled, before they trust it."""

from datetime import date

from autopilot.fillable_forms.shapes import Triage


def of(triage: Triage, today: date) -> list[str]:
    """Return a sentence for each thing; none for a form without surprises."""
    told = {
        f"This edition expired on {triage.expires}. Ask the agency for the current one.": has_expired(triage, today),
        "Data of an XFA form are taken out when it is filled, so that no reader shows them instead of ours.": triage.kind
        == "hybrid_xfa",
        "The agency certified the file; filling it takes the certification out.": triage.certified,
        "The file's permissions do not allow filling. Ask the agency whether it may be.": not triage.permits_filling,
        f"Scripts compute {len(triage.calculated)} fields in other programs; here, give their values too.": bool(
            triage.calculated
        ),
    }
    return [sentence for sentence, holds in told.items() if holds]


def has_expired(triage: Triage, today: date) -> bool:
    """Whether the form says that it could not be used any more on a day."""
    return bool(triage.expires_on) and date.fromisoformat(triage.expires_on) < today
