"""What holders must prove: the checklist, the proofs they upload, the reviewers' verdicts, and the expiry of both."""

from programs.services.requirements.checklist import (
    MOU,
    asked,
    follow_mou,
    lacking,
    named,
    refresh_all,
    refresh_checklist,
    types_for,
)
from programs.services.requirements.moves import (
    ACCEPTED,
    EXPIRED,
    EXPIRING,
    LEGAL_MOVES,
    REJECTED,
    SUBMITTED,
    move_requirement,
)
from programs.services.requirements.proofs import MOST_FILES, carry_proof, hand_in, plain_name, submit_proof, take_in
from programs.services.requirements.verdicts import accept_proof, reject_proof
from programs.services.requirements.watch import watch

__all__ = [
    "ACCEPTED",
    "EXPIRED",
    "EXPIRING",
    "LEGAL_MOVES",
    "MOST_FILES",
    "MOU",
    "REJECTED",
    "SUBMITTED",
    "accept_proof",
    "asked",
    "carry_proof",
    "follow_mou",
    "hand_in",
    "lacking",
    "move_requirement",
    "named",
    "plain_name",
    "refresh_all",
    "refresh_checklist",
    "reject_proof",
    "submit_proof",
    "take_in",
    "types_for",
    "watch",
]
