"""The handler under test: every effect, a person's approval, and an answer that comes one day."""

from typing import Any

from django.core.mail import EmailMessage

from autopilot.engine import JobContext, handler, message, review_form
from autopilot.exceptions import ApprovalExpired, Rejected
from tests.autopilot.histories.world import World

KIND = "histories.packet"
FORM = "histories.packet"
TOPIC = "histories.packet.closed"
STEPS = ("book", "notify", "submit", "decision", "close", f"emit:{TOPIC}")
SCHEMA = {"type": "object", "properties": {"fee": {"type": "integer", "minimum": 0}}}


def register(world: World) -> None:
    """Register the handler, which acts on a world, with its form and its message."""
    review_form(FORM, schema=SCHEMA)

    @message(TOPIC)
    def closed(job_id: str) -> EmailMessage:
        return EmailMessage("A packet is closed", job_id, to=["applicant@example.org"])

    @handler(KIND)
    def packet(job: JobContext, quorum: int, probes: bool, on_expiry: str) -> dict[str, Any]:
        job.info("started", title="A packet is on its way", payload={"quorum": quorum})
        job.tx("book", lambda: world.book("booked"))
        try:
            review = job.approval(
                "review", title="Submit it?", payload={"fee": 1, "quorum": quorum}, form=FORM, reviewers="Reviewer",
                due="1h", expires="4h", quorum=quorum, on_expiry=on_expiry,
            )  # fmt: skip
        except (Rejected, ApprovalExpired):
            raise
        except Exception:
            return {"swallowed": True}
        job.call("notify", lambda key: world.notify(key, review.payload))
        receipt = job.once("submit", lambda: world.submit(review.payload), probe=world.find if probes else None)
        decision = job.answer("decision", lambda: world.ask(job.id), every="1h")
        job.tx("close", lambda: world.book("closed"))
        job.emit(TOPIC)
        return {"receipt": receipt["number"], **decision}
