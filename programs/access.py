"""Who may see which applications and holders; every door asks here."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from autopilot import document_types
from autopilot.documents import archive
from autopilot.models import Document, SubmissionAttachment
from autopilot.models.tokens import ApiToken
from programs.models import (
    Application,
    CreditNote,
    Holder,
    HolderStatus,
    Invoice,
    Member,
    MemberRole,
    Mou,
    MouStatus,
    Packet,
    Payout,
    Program,
    ProgramStatus,
    RequirementUpload,
)

VIEW = "programs.view_application"


def applications_of(user: User) -> QuerySet[Application]:
    """Return the applications a person may read: staff with the permission all of them, everybody else none."""
    entitled = user.is_active and user.is_staff and user.has_perm(VIEW)
    return Application.objects.all() if entitled else Application.objects.none()


def applications_for(token: ApiToken) -> QuerySet[Application]:
    """Return the applications that a token may see: its tenant's; without a tenant, what its person may read as staff,
    and else what the person has sent.
    """
    if token.tenant_id is not None:
        return Application.objects.filter(tenant_id=token.tenant_id)
    entitled = token.user.is_staff and token.user.has_perm(VIEW)
    return Application.objects.all() if entitled else Application.objects.filter(submitted_by=token.user)


def applications_by_reference(reference: str) -> QuerySet[Application]:
    """Return the application a reference names, for whoever holds it: enough to say where it stands."""
    return Application.objects.filter(reference=reference).only("reference", "status")


def holders_of(user: User) -> QuerySet[Holder]:
    """Return the holders that staff may read: with the permission all of them, else none."""
    entitled = user.is_active and user.is_staff and user.has_perm("programs.view_holder")
    return Holder.objects.all() if entitled else Holder.objects.none()


def holders_for(token: ApiToken, permission: str) -> QuerySet[Holder]:
    """Return the holders whose rows a token may reach: its tenant; without one, all for staff with the permission, and
    for anybody else those they are a member of.
    """
    if token.tenant_id is not None:
        return Holder.objects.filter(pk=token.tenant_id)
    if token.user.is_staff and token.user.has_perm(permission):
        return Holder.objects.all()
    return Holder.objects.filter(pk__in=memberships_of(token.user).values("holder_id"))


def documents_of(holder: Holder) -> QuerySet[Document]:
    """Return the documents that a holder's members may have, the newest first: what was approved, sent to it, printed for
    it or uploaded by it. What staff only drafted is not among them, nor is a file that was disposed of.
    """
    packets = Packet.objects.filter(application__tenant_id=holder.pk, approved_at__isnull=False)
    ours = (
        Q(pk__in=packets.values("document"))
        | Q(pk__in=SubmissionAttachment.objects.filter(submission__tenant_id=holder.pk).values("document"))
        | Q(pk__in=Mou.objects.filter(holder=holder).exclude(status=MouStatus.DRAFT).values("document"))
        | Q(pk__in=Mou.objects.filter(holder=holder).values("executed_document"))
        | Q(pk__in=Invoice.objects.filter(holder=holder).exclude(number="").values("document"))
        | Q(pk__in=CreditNote.objects.filter(invoice__holder=holder).values("document"))
        | Q(pk__in=Payout.objects.filter(holder=holder).values("document"))
        | Q(pk__in=RequirementUpload.objects.filter(requirement__holder=holder).values("document"))
        | Q(pk__in=Program.objects.filter(holder=holder).values("syllabus"))
        | document_types.given_to_tenants()
    )
    mine = archive.kept().filter(ours, tenant_id=holder.pk)
    return mine.defer("snapshot").order_by("-created_at", "-pk")


def holders_written_by(token: ApiToken) -> QuerySet[Holder]:
    """Return the holders for which a token may write: its tenant; without one, those whose owner or coordinator its
    person is. Staff write for nobody over the API.
    """
    if token.tenant_id is not None:
        return Holder.objects.filter(pk=token.tenant_id)
    leading = memberships_of(token.user).filter(role__in=[MemberRole.OWNER, MemberRole.COORDINATOR])
    return Holder.objects.filter(pk__in=leading.values("holder_id"))


def memberships_of(user: User) -> QuerySet[Member]:
    """Return a person's memberships that have not ended, with their holders; whoever is not active has none."""
    mine = Member.objects.select_related("holder").filter(user=user, left_at=None)
    return mine if user.is_active else mine.none()


def catalog() -> QuerySet[Program]:
    """Return the programs that anybody may see: approved, listed, and of holders that are active."""
    return Program.objects.filter(status=ProgramStatus.APPROVED, listed=True, holder__status=HolderStatus.ACTIVE)


def mous_of(user: User) -> QuerySet[Mou]:
    """Return the MOUs that staff may read: with the permission all of them, else none."""
    entitled = user.is_active and user.is_staff and user.has_perm("programs.view_mou")
    return Mou.objects.all() if entitled else Mou.objects.none()


def mous_for(token: ApiToken) -> QuerySet[Mou]:
    """Return the MOUs that a token may see: those of its holders which were sent."""
    holders = holders_for(token, "programs.view_mou")
    return Mou.objects.filter(holder__in=holders, document__isnull=False)
