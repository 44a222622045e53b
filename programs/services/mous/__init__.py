"""Memoranda of understanding: from the draft to both signatures and the seal, and to their end."""

from programs.services.mous.documents import compensation_of, reference_of
from programs.services.mous.drafting import Terms, change_draft, draft_mou, executed_version, send_mou
from programs.services.mous.ending import decline_mou, expire_mous, terminate_mou
from programs.services.mous.gate import MOU_NOT_EXECUTED, mou_in_force, require_executed_mou
from programs.services.mous.moves import LEGAL_MOVES, move_mou
from programs.services.mous.paper import confirm_paper, record_paper
from programs.services.mous.signing import (
    Pen,
    countersign_mou,
    execute_mou,
    finish_mou,
    send_signing_code,
    sign_mou,
)

__all__ = [
    "LEGAL_MOVES",
    "MOU_NOT_EXECUTED",
    "Pen",
    "Terms",
    "change_draft",
    "compensation_of",
    "confirm_paper",
    "countersign_mou",
    "decline_mou",
    "draft_mou",
    "execute_mou",
    "executed_version",
    "expire_mous",
    "finish_mou",
    "mou_in_force",
    "move_mou",
    "record_paper",
    "reference_of",
    "require_executed_mou",
    "send_mou",
    "send_signing_code",
    "sign_mou",
    "terminate_mou",
]
