"""Memoranda of understanding: from the draft to both signatures and the seal, and to their end."""

from programs.services.mous.gate import MOU_NOT_EXECUTED, mou_in_force, require_executed_mou
from programs.services.mous.moves import LEGAL_MOVES, move_mou

__all__ = ["LEGAL_MOVES", "MOU_NOT_EXECUTED", "mou_in_force", "move_mou", "require_executed_mou"]
