"""What the holder has proved, what waits for a reviewer, what was sent back, and what is missing."""

from datetime import timedelta

from django.contrib.auth.models import User

from autopilot import clock
from autopilot.documents import archive
from config.demo.life.papers import paper, upload
from programs.models import Holder, HolderStatus, Program, Requirement, RequirementStatus
from programs.services.activation import activate_holder
from programs.services.requirements import MOU, accept_proof, asked, carry_proof, lacking, reject_proof, submit_proof

YEAR = timedelta(days=365)
PDF = "application/pdf"
DEMONSTRATION = "Invented for a demonstration."


def prove_everything(holder: Holder, *, by: User) -> None:
    """Have all that is asked of a new holder proved and accepted, but for the MOU, which both sign."""
    if holder.status == HolderStatus.ONBOARDING:
        for requirement in lacking(holder):
            if requirement.type.slug != MOU:
                _prove(requirement, by)


def activate(holder: Holder, *, by: User) -> None:
    """Make the holder active, as all that is required is there."""
    holder.refresh_from_db()
    if holder.status == HolderStatus.ONBOARDING:
        activate_holder(holder, by=by, reason="All that is required is accepted.")


def leave_open_ends(holder: Holder, program: Program, *, owner: User, by: User) -> None:
    """Have the insurance renewed, which waits, and a curriculum sent back; the rest of a new program is missing."""
    rows = {(row.type.slug, row.program_id): row for row in asked(holder)}
    insurance, curriculum = rows["insurance", None], rows["curriculum", program.pk]
    if insurance.status == RequirementStatus.ACCEPTED:
        renewed = upload("insurance.pdf", "Certificate of liability insurance, renewed", DEMONSTRATION)
        submit_proof(insurance, files=[renewed], by=owner, expires_on=clock.today() + 2 * YEAR)
    if curriculum.status == RequirementStatus.MISSING:
        outline = upload("curriculum.pdf", "Barber instructor: outline", DEMONSTRATION)
        submit_proof(curriculum, files=[outline], by=owner)
        remark = "The hours of the units do not add up to 900. Correct the table and send it again."
        reject_proof(curriculum, by=by, seen=curriculum.uploads.latest("uploaded_at").pk, remark=remark)


def _prove(requirement: Requirement, by: User) -> None:
    if requirement.status == RequirementStatus.MISSING:
        title, holder = requirement.type.title, requirement.holder
        content = paper(title, holder.legal_name, DEMONSTRATION)
        document = archive.store(content, media_type=PDF, title=title, tenant_id=holder.pk)
        carry_proof(requirement, [(document, f"{requirement.type.slug}.pdf")])
    seen = requirement.uploads.latest("uploaded_at").pk
    accept_proof(requirement, by=by, seen=seen, expires_on=clock.today() + YEAR if requirement.type.expires else None)
