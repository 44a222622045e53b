"""What programs bring the network, recorded once the funds have cleared."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from programs import money
from programs.models import Program, Revenue
from programs.services.charges import LONGEST_DESCRIPTION, LONGEST_REFERENCE, checked_text, reused
from programs.services.rights import RECORD_REVENUE, require


@transaction.atomic
def record_revenue(
    program: Program,
    *,
    reference: str,
    description: str,
    gross: Decimal,
    costs: Decimal = money.ZERO,
    cleared_on: date,
    by: User | None,
) -> Revenue:
    """Record cleared funds of a program; the same under the same reference changes nothing.

    Raises PermissionDenied, and ValidationError with the code `reference`, `description`, `amount`, `costs`,
    `cleared_on`, or `reference_reused`.
    """
    require(by, RECORD_REVENUE)
    gross, costs = money.checked(gross), _checked_costs(gross, costs)
    if cleared_on > clock.today():
        raise ValidationError("Enter the day on which the funds cleared; it cannot lie ahead.", code="cleared_on")
    reference = checked_text(reference, "reference", LONGEST_REFERENCE)
    facts = {
        "holder_id": program.holder_id,
        "program": program,
        "description": checked_text(description, "description", LONGEST_DESCRIPTION),
        "gross": gross,
        "costs": costs,
        "cleared_on": cleared_on,
        "recorded_by": by,
    }
    made, is_new = Revenue.objects.get_or_create(reference=reference, defaults=facts)
    if is_new:
        audit.record(by, "programs.revenue.recorded", made, holder_id=made.holder_id, net=made.net)
    elif (made.program_id, made.gross, made.costs) != (program.pk, gross, costs):
        raise reused(reference)
    return made


def _checked_costs(gross: Decimal, costs: Decimal) -> Decimal:
    if not costs.is_finite() or not 0 <= costs <= gross or costs != money.to_cents(costs):
        raise ValidationError("Enter costs in whole cents, from 0.00 to the gross amount.", code="costs")
    return money.to_cents(costs)
