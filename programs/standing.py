"""Where an application stands, in words for the applicant: what has happened, and what happens next."""

from dataclasses import dataclass

from programs.models import ApplicationStatus as Status


@dataclass(frozen=True)
class Standing:
    """A status in words; `tone` is the class that gives its badge color and sign."""

    line: str
    next_step: str
    tone: str


STANDINGS: dict[str, Standing] = {
    Status.SUBMITTED: Standing(
        "We have your application.", "We check what you entered. You need do nothing now.", "received"
    ),
    Status.VALIDATING: Standing(
        "We are checking what you entered.", "A reviewer reads it next. You need do nothing now.", "processing"
    ),
    Status.IN_REVIEW: Standing(
        "A reviewer is reading your application.", "We aim to decide within one day, and write to you.", "review"
    ),
    Status.APPROVED: Standing(
        "Our reviewer has approved your application.", "We send it to the state next.", "approved"
    ),
    Status.REJECTED: Standing(
        "We could not accept your application as it is.",
        "We have mailed you the reason and a link to correct it. The link is open for 30 days.",
        "rejected",
    ),
    Status.SUBMITTED_TO_STATE: Standing(
        "We have sent your application to the state.",
        "The state decides. We ask regularly, and write to you when it has.",
        "submitted",
    ),
    Status.STATE_APPROVED: Standing(
        "The state has approved your application.", "We write to you about the next steps.", "approved"
    ),
    Status.STATE_DENIED: Standing(
        "The state has denied your application.", "We have mailed you what the state told us.", "rejected"
    ),
}


def standing_of(status: str) -> Standing:
    """Return the words for a status."""
    return STANDINGS[status]
