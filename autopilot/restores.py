"""What a restore from a backup leaves in doubt: whatever older jobs did after the backup was made, we do not know.

The restore itself writes an entry into the audit (`config.backup`). Work that is older than it may have reached the
outside in the time that was lost, even a step that by our own books has not begun: whoever is about to call a portal
for it asks the portal, or a person, first.
"""

from datetime import datetime

from autopilot.models.audit import AuditEntry

NAME, SUBJECT_TYPE = "autopilot.installation.restored", "autopilot.Installation"


def restored_at() -> datetime | None:
    """Return when this installation was last restored from a backup; None if it never was."""
    restores = AuditEntry.objects.filter(subject_type=SUBJECT_TYPE, name=NAME)
    return restores.order_by("-at").values_list("at", flat=True).first()


def is_in_doubt(created_at: datetime) -> bool:
    """Return whether what was created then may have done more than our books say: it is older than a restore."""
    restored = restored_at()
    return restored is not None and created_at <= restored
