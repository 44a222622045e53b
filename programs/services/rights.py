"""What a person may do with money; the autopilot itself, which is nobody, may what its jobs are written to do."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

BILL = "programs.manage_invoice"
PREPARE = "programs.prepare_payoutbatch"
APPROVE = "programs.approve_payoutbatch"
RECORD_REVENUE = "programs.add_revenue"
REVEAL = "programs.reveal_bankaccount"


def require(by: User | None, permission: str) -> None:
    """Raise PermissionDenied for a person without a permission."""
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied("Your role does not allow this. Ask an administrator.")
