"""Tell people about a checkpoint: the notice row is why each is told once."""

from django.db import IntegrityError, transaction

from autopilot.engine import emit
from autopilot.models.checkpoints import Checkpoint, Notice


def give(checkpoint: Checkpoint, kind: str, topic: str, number: int = 1) -> bool:
    """Store a notice and its message together; returns False when somebody else gave this one already."""
    try:
        with transaction.atomic():
            Notice.objects.create(checkpoint=checkpoint, kind=kind, number=number)
            emit(topic, tenant_id=checkpoint.tenant_id, job_id=checkpoint.job_id, checkpoint_id=checkpoint.pk)
    except IntegrityError:
        return False
    return True
