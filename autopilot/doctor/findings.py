"""What a check finds: what is wrong with what, what to do about it, and, if the doctor may, how it is repaired."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from autopilot.engine.transitions import note


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: `subject` names it by its id, `remedy` tells a person what to do."""

    check: str
    subject: str
    problem: str
    remedy: str
    repair: Callable[[], bool] | None = field(default=None, compare=False, repr=False)
    repaired: bool = False


def noted(job_id: UUID, check: str, repair: Callable[[], bool]) -> Callable[[], bool]:
    """Return a repair that, where it changes something, leaves an event in the job's history as well."""

    def repaired() -> bool:
        with transaction.atomic():
            done = repair()
            if done:
                note(job_id, "repaired", actor="doctor", detail={"check": check})
        return done

    return repaired
