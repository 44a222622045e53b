"""The chain of evidence: what happened on the way to the signatures, each link with the hash of the one before it."""

from typing import Any

from django.contrib.auth.models import User

from autopilot import clock, trace
from autopilot.storable import digest, to_storable
from programs.models import Mou, MouEvidence, Signature

LONGEST_AGENT = 400
# A signature's own columns, all of which its hash covers.
SIGNED = (
    "id", "mou_id", "party", "method", "signer_id", "name", "title", "email", "consent_version", "consent_digest",
    "document_sha256", "paper_id", "ip", "user_agent", "signed_at", "previous_hash",
)  # fmt: skip
LINKED = ("mou_id", "number", "deed", "facts", "actor_id", "ip", "user_agent", "at", "previous_hash")


def link(mou: Mou, deed: str, *, by: User | None, user_agent: str = "", **facts: Any) -> MouEvidence:
    """Append a link to an MOU's chain, in the caller's transaction; `facts` are ids and digests, no person's data."""
    Mou.objects.select_for_update().get(pk=mou.pk)  # else two links could follow the same one
    last = last_link(mou)
    made = MouEvidence(
        mou=mou,
        number=last.number + 1 if last else 1,
        deed=deed,
        facts=to_storable(facts),
        actor_id=str(by.pk) if by else "",
        ip=trace.current().ip,
        user_agent=user_agent[:LONGEST_AGENT],
        at=clock.now(),
        previous_hash=last.hash if last else "",
    )
    made.hash = _hash(made, LINKED)
    made.save(force_insert=True)
    return made


def last_link(mou: Mou) -> MouEvidence | None:
    """Return the newest link of an MOU's chain."""
    return MouEvidence.objects.filter(mou=mou).order_by("-number").first()


def seal_signature(signature: Signature) -> None:
    """Set the hashes of a signature that is about to be stored: it follows on the newest link of the chain."""
    last = last_link(signature.mou)
    signature.previous_hash = last.hash if last else ""
    signature.hash = _hash(signature, SIGNED)


def faults(mou: Mou) -> list[str]:
    """Return what is wrong with an MOU's chain and its signatures, in sentences; nothing for evidence that holds."""
    links = list(MouEvidence.objects.filter(mou=mou).order_by("number"))
    found: list[str] = []
    before = ""
    for number, each in enumerate(links, start=1):
        if each.number != number:
            return [*found, f"Link {number} is missing."]
        if each.previous_hash != before:
            found.append(f"Link {number} does not follow on the one before it.")
        if each.hash != _hash(each, LINKED):
            found.append(f"Link {number} was altered.")
        before = each.hash
    witnessed = {each.facts.get("signature_hash") for each in links}
    return found + [fault for each in mou.signatures.all() for fault in _faults_of(each, witnessed)]


def _faults_of(signature: Signature, witnessed: set[Any]) -> list[str]:
    party = signature.get_party_display().lower()
    found = []
    if signature.hash != _hash(signature, SIGNED):
        found.append(f"The signature of the {party} was altered.")
    if signature.hash not in witnessed:
        found.append(f"No link names the signature of the {party}.")
    return found


def _hash(row: Signature | MouEvidence, names: tuple[str, ...]) -> str:
    return digest({name: getattr(row, name) for name in names})
