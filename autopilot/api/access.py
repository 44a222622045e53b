"""What a token may see: one queryset for each model, which every operation of the API starts from."""

from django.db.models import QuerySet

from autopilot.models import Checkpoint, Job
from autopilot.models.tokens import ApiToken


def jobs_of(token: ApiToken) -> QuerySet[Job]:
    """Return the jobs of the token's tenant; without one all for staff with the permission, else the person's own."""
    if token.tenant_id is not None:
        return Job.objects.filter(tenant_id=token.tenant_id)
    return Job.objects.all() if sees_all(token, "autopilot.view_job") else Job.objects.filter(requested_by=token.user)


def checkpoints_of(token: ApiToken) -> QuerySet[Checkpoint]:
    """Return the checkpoints of the token's tenant; without one all for staff with the permission, else those that the
    person's own jobs have opened.
    """
    if token.tenant_id is not None:
        return Checkpoint.objects.filter(tenant_id=token.tenant_id)
    if sees_all(token, "autopilot.view_checkpoint"):
        return Checkpoint.objects.all()
    return Checkpoint.objects.filter(job__requested_by=token.user)


def sees_all(token: ApiToken, permission: str) -> bool:
    """Return whether a token reaches the whole network: it has no tenant, and its person is staff with a permission."""
    return token.tenant_id is None and token.user.is_staff and token.user.has_perm(permission)
