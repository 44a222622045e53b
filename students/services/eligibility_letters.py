"""The letter that tells a student what was decided about eligibility, and what can be done about it."""

from typing import Any
from uuid import UUID

from autopilot.document_types import produce
from autopilot.models import Document
from autopilot.tenants import NETWORK
from students.models import Determination, DeterminationStatus
from students.services.determinations import get_determination

TYPE = "eligibility_letter"
TITLE = "Your eligibility for training under WIOA"


def write_letter(determination_id: UUID) -> str:
    """Make and archive the letter of a decided determination, once, and return its document's id.

    Must not be called inside a transaction. Raises what `document_types.produce` raises.
    """
    determination = get_determination(determination_id)
    if determination.letter_id is None:
        made = _made(determination)
        Determination.objects.filter(pk=determination.pk, letter=None).update(letter=made)
        return str(made.pk)
    return str(determination.letter_id)


def _made(determination: Determination) -> Document:
    if determination.decided_at is None:
        raise ValueError("There is no letter about what is not decided.")
    return produce(TYPE, _context(determination), title=TITLE, tenant_id=NETWORK, created=determination.decided_at)


def _context(determination: Determination) -> dict[str, Any]:
    enrollment = determination.enrollment
    return {
        "reference": determination.reference,
        "student_name": determination.student.full_name,
        "program": enrollment.cohort.program.title,
        "holder_name": enrollment.holder.legal_name,
        "as_of": determination.as_of,
        "eligible": determination.status != DeterminationStatus.INELIGIBLE,
        "programs": [{"title": title} for title in determination.programs],
    }
