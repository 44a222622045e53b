"""The papers of an MOU: what both sign, and the certificate of completion that is bound behind it."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from autopilot import clock
from autopilot.document_types import produce
from autopilot.documents import archive, binding, pdf, provenance, seals
from autopilot.exceptions import Invalid
from autopilot.models import Document
from programs import codes, consents
from programs.models import Compensation, Mou, ProgramStatus, Signature, Site

PDF = "application/pdf"
SLUG, CERTIFICATE = "mou", "programs/pdf/mou_certificate.html"
NOTICE_DAYS = 30
HOME = "IN"
SIGNED_NAME, SCAN_NAME = "signed-document.pdf", "signed-on-paper"
Context = dict[str, Any]


def reference_of(mou: Mou) -> str:
    """Return how an MOU is called on paper."""
    return f"MOU-{str(mou.holder_id)[-6:].upper()}-{mou.version}"


def compensation_of(mou: Mou) -> str:
    """Return the sentence of the agreement that says by what the holder is paid."""
    if mou.compensation == Compensation.SHARE:
        share = f"{(mou.share or Decimal(0)).normalize():f}"
        return f"The holder receives {share} percent of the net program revenue of its students."
    amount = f"${mou.amount or Decimal(0):,.2f}"
    if mou.compensation == Compensation.FLAT:
        return f"The holder receives {amount} for each month in which it trains."
    return f"The holder receives {amount} for each student who is enrolled."


def render(mou: Mou) -> Document:
    """Make and archive the document of an MOU as it stands, by the template in force; not in a transaction.

    Raises what `document_types.produce` raises: UnprintableField for a name that our fonts cannot print.
    """
    title = "Memorandum of understanding"
    return produce(SLUG, context_of(mou), title=title, tenant_id=mou.holder_id, created=clock.now())


def copy(mou_id: UUID) -> Document:
    """Return the document of an MOU: the executed file, or what was sent; of a draft, one as it stands today, to read it
    before it is sent. Not in a transaction. Raises Invalid for an unknown MOU, and as `render` does.
    """
    mou = Mou.objects.select_related("holder", "document", "executed_document").filter(pk=mou_id).first()
    if mou is None:
        raise Invalid(f"There is no MOU {mou_id}.")
    if found := mou.executed_document or mou.document:
        return found
    today = datetime.combine(clock.today(), time.min, ZoneInfo(settings.TIME_ZONE))
    title = "Draft of a memorandum of understanding"
    return produce(SLUG, context_of(mou), title=title, tenant_id=mou.holder_id, created=today)


def finish(mou: Mou) -> Document:
    """Make the executed file of an MOU that both have signed, and archive it; not in a transaction.

    It is the document that was signed, the certificate of completion behind it, the exact signed bytes (and the scan of
    one signed on paper) inside it, and the organization's seal over all of that. Raises SealUnavailable.
    """
    if mou.document is None:
        raise ValueError("An MOU without a document cannot be finished.")
    signed, at = archive.read(mou.document), mou.signatures.latest("signed_at").signed_at
    context = certificate_of(mou)
    certificate = pdf.render(CERTIFICATE, context, title="Certificate of completion", created=at)
    bound = binding.attach(binding.append(signed, certificate), _inside(mou, signed), at=at)
    sealed = seals.seal(bound, reason=f"{reference_of(mou)} was signed by both parties.")
    return archive.store(
        sealed,
        media_type=PDF,
        title=f"Executed MOU {reference_of(mou)}",
        tenant_id=mou.holder_id,
        snapshot=context,
        provenance=provenance.of(CERTIFICATE),
    )


def context_of(mou: Mou) -> Context:
    """Return what the document says, by the fields of its type."""
    holder, site = mou.holder, mou.holder.sites.filter(closed_at=None).order_by("name").first()
    programs = holder.programs.exclude(status=ProgramStatus.RETIRED).order_by("title")
    return {
        "reference": reference_of(mou),
        "version": mou.version,
        "network_name": settings.NETWORK_NAME,
        "network_address": None,
        "holder_name": holder.legal_name,
        "holder_trade_name": holder.doing_business_as or None,
        "holder_type": holder.get_entity_type_display(),
        "holder_address": _address_of(site) if site else "No training site is open yet",
        "contact_name": holder.contact_name,
        "contact_title": holder.contact_title or None,
        "contact_email": holder.contact_email,
        "contact_phone": holder.contact_phone,
        "programs": [
            {"title": each.title, "credential": each.credential, "clock_hours": each.clock_hours} for each in programs
        ],
        "compensation": str(mou.compensation),
        "share": mou.share,
        "amount": mou.amount,
        "payment_days": mou.payment_days,
        "notice_days": NOTICE_DAYS,
        "effective_on": mou.effective_on,
        "expires_on": mou.expires_on,
        "governing_state": codes.STATES[site.state if site else HOME],
    }


def certificate_of(mou: Mou) -> Context:
    """Return what the certificate of completion says: every signature with its evidence, and the whole chain."""
    signatures = list(mou.signatures.select_related("paper").order_by("signed_at"))
    versions = sorted({each.consent_version for each in signatures if each.consent_version})
    return {
        "reference": reference_of(mou),
        "network_name": settings.NETWORK_NAME,
        "holder_name": mou.holder.legal_name,
        "document_sha256": mou.document.sha256 if mou.document else "",
        "sent_at": mou.sent_at,
        "signatures": [_printed(each) for each in signatures],
        "consents": [{"version": each, "statements": list(consents.text_of(each))} for each in versions],
        "chain": [
            {
                "number": each.number,
                "deed": each.deed.replace("_", " "),
                "at": each.at,
                "ip": each.ip or "",
                "hash": each.hash,
            }
            for each in mou.evidence.order_by("number")
        ],
        "inside": SIGNED_NAME,
    }


def _printed(signature: Signature) -> Context:
    names = ("name", "title", "email", "signed_at", "user_agent", "consent_version", "consent_digest", "hash")
    facts = {name: getattr(signature, name) for name in names}
    return facts | {
        "party": signature.get_party_display(),
        "method": signature.get_method_display(),
        "on_paper": signature.method == Signature.Method.PAPER,
        "ip": signature.ip or "",
        "account": str(signature.signer_id),
        "document_sha256": signature.document_sha256,
        "scan_sha256": signature.paper.sha256 if signature.paper else "",
    }


def _inside(mou: Mou, signed: bytes) -> dict[str, tuple[bytes, str, str]]:
    files = {SIGNED_NAME: (signed, PDF, "The exact bytes that were shown and signed.")}
    scan = next((each.paper for each in mou.signatures.select_related("paper") if each.paper), None)
    if scan is not None:
        name = f"{SCAN_NAME}.{scan.media_type.rpartition('/')[2]}"
        files[name] = (archive.read(scan), scan.media_type, "The scan of what was signed on paper.")
    return files


def _address_of(site: Site) -> str:
    return f"{site.street}\n{site.city}, {codes.STATES.get(site.state, site.state)} {site.zip}"
