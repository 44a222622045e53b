"""Handlers that do nothing themselves, so that what they cost is the engine's."""

from typing import Any

from django.core.mail import EmailMessage

from autopilot.engine import JobContext, handler, message, review_form

TOLD, AMOUNT = "work.told", "work.amount"

review_form(AMOUNT, schema={"type": "object", "properties": {"amount": {"type": "integer"}}})


@handler("work.nothing")
def nothing(job: JobContext) -> None:
    """Do nothing."""


@handler("work.steps")
def steps(job: JobContext) -> dict[str, Any]:
    """Go through four steps and one checkpoint: two local writes, a call, a person's approval and a message."""
    begun = job.tx("begin", lambda: 1)
    called = job.call("call", len)
    review = job.approval(
        "review", title="Go on?", payload={"called": called, "amount": 0}, form=AMOUNT, reviewers="Reviewer"
    )
    job.tx("end", lambda: begun)
    job.emit(TOLD, subject_id=job.id)
    return {"amount": review.payload["amount"], "version": review.version}


@handler("work.many_steps")
def many_steps(job: JobContext, number: int) -> None:
    """Go through many steps of one effect."""
    for _ in range(number):
        job.tx("step", lambda: 1)


@message(TOLD)
def told(subject_id: str) -> EmailMessage:
    """Tell that a job has come through its steps."""
    return EmailMessage("Done", f"Job {subject_id} is done.", to=["nobody@example.org"])
