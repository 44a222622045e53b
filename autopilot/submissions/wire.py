"""What portals of the deliveries `https` and `sandbox` speak; `autopilot.sandbox_portal` describes it in full."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from django.conf import settings

from autopilot import clock, outbound, signatures
from autopilot.exceptions import Invalid, Retryable, Uncertain
from autopilot.models.portals import Portal
from autopilot.submissions.envelopes import File, digest_of, sealed
from autopilot.submissions.readings import Receipt, Standing, read_reasons, read_receipt, read_standing

LIMITS = outbound.Limits(connect=5, read=30, total=60, size=1_000_000)
TOOK_NOTHING_YET = {408, 425, 429}
REFUSED = 422


class PortalRefused(Invalid):
    """The portal refused the packet; its reasons stand on the submission.

    They are in `reasons`, and not in the message: a portal may name people in them, and messages are logged.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("The portal refused the packet; its reasons stand on the submission.")
        self.reasons = reasons


class TurnedAway(Retryable):
    """The portal took nothing now; it may later."""


class NotTaken(Invalid):
    """The portal took nothing, and will not before its address, our secret or our rights are mended."""


class NoSecret(NotTaken):
    """PORTAL_SECRETS holds no usable secret for this portal."""


def deliver(portal: Portal, packet_id: str, files: Sequence[File], *, key: str) -> Receipt:
    """Hand a packet in, its document first and its attachments after it, and return the portal's receipt.

    Raises PortalRefused with reasons; Forbidden, NeverSent, TurnedAway or NotTaken when the portal surely took
    nothing; otherwise nobody knows: Retryable from a portal that honors keys, Uncertain from one that does not.
    """
    media_type, content = sealed(files)
    headers = {
        "Content-Type": media_type,
        "Content-Digest": digest_of(content),
        "Idempotency-Key": f'"{key}"',
    }
    answer = outbound.request(
        "POST",
        _address(portal, "submissions"),
        body=content,
        headers=headers | _signed(portal, packet_id, content),
        limits=LIMITS,
    )
    if 200 <= answer.status < 300:
        return _receipt_in(answer)
    raise _refusal(answer, honors_keys=portal.honors_idempotency)


def look_up(portal: Portal, packet_id: str) -> list[Standing]:
    """Return how each arrival of a packet stands, the first one first; Retryable if the portal cannot be asked."""
    answer = _ask(portal, packet_id, "submissions?" + urlencode({"packet": packet_id}))
    try:
        return [_about(packet_id, item) for item in answer.json()["submissions"]]
    except (ValueError, TypeError, KeyError) as error:
        raise Retryable(f"{portal} answered something that cannot be read.") from error


def ask(portal: Portal, packet_id: str, receipt_number: str) -> Standing:
    """Return how the packet of a receipt stands; Retryable if the portal cannot be asked."""
    answer = _ask(portal, packet_id, "submissions/" + quote(receipt_number, safe=""))
    try:
        return _about(packet_id, answer.json())
    except ValueError as error:
        raise Retryable(f"{portal} answered something that cannot be read.") from error


def secrets_of(portal: Portal) -> list[str]:
    """Return the secrets shared with a portal, the newest first; raise NoSecret if the settings name none."""
    try:
        return signatures.split_secrets(settings.PORTAL_SECRETS.get(portal.slug, ""))
    except signatures.BadSecret as error:
        raise NoSecret(f"PORTAL_SECRETS holds no usable secret for {portal.slug}. {error}") from error


def _ask(portal: Portal, packet_id: str, path: str) -> outbound.Answer:
    try:
        answer = outbound.request("GET", _address(portal, path), headers=_signed(portal, packet_id, b""), limits=LIMITS)
    except (Invalid, Uncertain) as error:
        raise Retryable(f"{portal} cannot be asked: {error}") from error
    if answer.status != 200:
        raise Retryable(f"{portal} cannot be asked: it answered {answer.status}.", after=answer.retry_after())
    return answer


def _about(packet_id: str, value: object) -> Standing:
    standing = read_standing(value)
    if standing.packet != packet_id:
        raise ValueError("The portal speaks of another packet than it was asked about.")
    return standing


def _address(portal: Portal, path: str) -> str:
    return f"{portal.base_url.rstrip('/')}/{path}"


def _signed(portal: Portal, packet_id: str, body: bytes) -> dict[str, str]:
    return signatures.sign(secrets_of(portal), packet_id, body, at=clock.now())


def _receipt_in(answer: outbound.Answer) -> Receipt:
    try:
        return read_receipt(answer.json())
    except ValueError as error:
        raise Uncertain("The portal took the packet, but its receipt cannot be read.") from error


def _refusal(answer: outbound.Answer, *, honors_keys: bool) -> Exception:
    said = f"The portal answered {answer.status}."
    if answer.status in TOOK_NOTHING_YET:
        return TurnedAway(said, after=answer.retry_after())
    if answer.status == REFUSED and (reasons := _reasons_in(answer)):
        return PortalRefused(reasons)
    if 400 <= answer.status < 500 and answer.status != 409:
        return NotTaken(f"{said} It took nothing; check the portal's address, secret and rights.")
    # A redirect, a conflict or a fault may come before or after the packet was stored.
    return Retryable(said, after=answer.retry_after()) if honors_keys else Uncertain(said)


def _reasons_in(answer: outbound.Answer) -> list[str]:
    try:
        problem = answer.json()
    except ValueError:
        return []
    return read_reasons(problem.get("reasons")) if isinstance(problem, Mapping) else []
