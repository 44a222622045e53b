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
        "The state has approved your application.",
        "Open the invitation that we have mailed to your contact person; it leads into the portal.",
        "approved",
    ),
    Status.STATE_DENIED: Standing(
        "The state has denied your application.", "We have mailed you what the state told us.", "rejected"
    ),
}


def standing_of(status: str) -> Standing:
    """Return the words for a status."""
    return STANDINGS[status]


@dataclass(frozen=True)
class Stage:
    """One stretch of the way, as it stands: `state` says so in words, `action` is what to do in it."""

    title: str
    action: str
    state: str
    tone: str


# Each stage, what the applicant does in it, and the statuses in which it is the present one.
STAGES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("Received", "Keep your reference. We have mailed it to your contact person.", frozenset({Status.SUBMITTED})),
    ("Checked", "You need do nothing. We check EIN, addresses, codes, hours and cost.", frozenset({Status.VALIDATING})),
    (
        "Read by a reviewer",
        "You need do nothing, unless we mail you a reason and a link to correct it.",
        frozenset({Status.IN_REVIEW, Status.REJECTED}),
    ),
    ("Sent to the state", "You need do nothing. We send what was approved.", frozenset({Status.APPROVED})),
    (
        "Decided by the state",
        "You need do nothing. We ask regularly, and write to you.",
        frozenset({Status.SUBMITTED_TO_STATE, Status.STATE_DENIED}),
    ),
    (
        "Member of the network",
        "Open the invitation in our mail, then complete your organization, documents and MOU in the portal.",
        frozenset({Status.STATE_APPROVED}),
    ),
)
STOPPED = frozenset({Status.REJECTED, Status.STATE_DENIED})
TONES = {"done": "completed", "ahead": "waiting"}
WORDS = {"done": "Done", "now": "Now", "stopped": "Stopped here", "ahead": "Still ahead"}


def stages_of(status: str) -> list[Stage]:
    """Return the whole way from application to member with the state of each stage; the present one tells what is next."""
    present = next(number for number, (_, _, statuses) in enumerate(STAGES) if status in statuses)
    return [_stage(number, present, status) for number in range(len(STAGES))]


def _stage(number: int, present: int, status: str) -> Stage:
    title, action, _ = STAGES[number]
    if number != present:
        state = "done" if number < present else "ahead"
        return Stage(title, "" if state == "done" else action, WORDS[state], TONES[state])
    standing = STANDINGS[status]
    return Stage(title, standing.next_step, WORDS["stopped" if status in STOPPED else "now"], standing.tone)
