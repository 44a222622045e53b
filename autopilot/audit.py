"""Record what people did."""

from typing import Any

from django.contrib.auth.models import User
from django.db import models

from autopilot import trace
from autopilot.models.audit import AuditEntry
from autopilot.storable import to_storable


def record(actor: User | None, name: str, subject: models.Model, *, ip: str | None = None, **data: Any) -> AuditEntry:
    """Append one deed in the caller's transaction.

    `name` is `app.subject.past_participle`, `actor` is None for the autopilot itself, `data` holds ids and reasons,
    never a person's data. The address is that of the request at hand unless another is given.
    """
    return AuditEntry.objects.create(
        name=name,
        actor=actor,
        actor_label=actor.get_username() if actor else "",
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        data=to_storable(data),
        ip=ip or trace.current().ip,
    )
