"""The teaching handlers: what a worker can do, in three short examples, and the ground floor's own kind."""

from datetime import timedelta
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from autopilot import doctor, jobfiles, transforms
from autopilot.doctor.findings import Finding
from autopilot.document_types import batches
from autopilot.documents import archive, disposal, ledger, ledger_check
from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid
from autopilot.storable import digest

SAMPLE_SIZE = 5
MOST_FLAWS = 20

Operation = Literal["map", "filter", "sort", "aggregate"]


@handler("sample.simple", requestable=True)
def simple(job: JobContext, subject: str) -> dict[str, Any]:
    """Tell people that it started, and do nothing else: the smallest whole worker."""
    job.info("started", title="A sample job has started", payload={"subject": subject})
    return {"done": True, "subject": subject}


@handler("sample.files", requestable=True)
def files(job: JobContext, files: list[dict[str, str]], description: str = "") -> dict[str, Any]:
    """Write files into the job's own area, and nothing before a person has approved exactly them.

    Each file has a `path`, relative and inside the area, and its `content`. Paths that are absolute or climb out are
    refused before anybody is asked; a rejection is final, and writes nothing.
    """
    checked = jobfiles.checked(files)
    review = job.approval(
        "review",
        title=f"Write {len(checked)} file{'' if len(checked) == 1 else 's'}?",
        summary=description,
        payload={"files": checked},
    )
    written = job.call("write", lambda key: jobfiles.write(job.id, review.payload["files"]))
    return {"files": written, "checkpoint": review.checkpoint_id}


@handler("sample.transform", requestable=True)
def transform(
    job: JobContext, operation: Operation, data: list[dict[str, Any]], transform: dict[str, Any]
) -> dict[str, Any]:
    """Transform records after a person has approved the input, and deliver them after one has approved the output.

    `operation` is map, filter, sort or aggregate; `transform` says how: see `autopilot.transforms`.
    """
    transforms.check(operation, data, transform)
    source = job.approval(
        "input",
        title=f"{operation.capitalize()} {_records(len(data))}?",
        payload={"operation": operation, "transform": transform, "data": data},
    )
    # In a step, so that what is delivered is what was approved, whatever this code becomes in between.
    output = job.tx("transform", lambda: transforms.apply(operation, source.payload["data"], transform))
    job.approval(
        "output",
        title=f"Deliver {_records(len(output))}?",
        payload={"count": len(output), "sample": output[:SAMPLE_SIZE], "sha256": digest(output)},
    )
    return {"count": len(output), "data": output}


def _records(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'}"


@handler("autopilot.doctor")
def examine(job: JobContext) -> dict[str, Any]:
    """Have the doctor look and repair; what remains stands in the result, for a schedule that runs it daily."""
    found = job.call("examine", lambda key: [_told(finding) for finding in doctor.examine()])
    return {"repaired": sum(each["repaired"] for each in found), "findings": [e for e in found if not e["repaired"]]}


def _told(finding: Finding) -> dict[str, Any]:
    names = ("check", "subject", "problem", "remedy", "repaired")
    return {name: getattr(finding, name) for name in names}


@handler(batches.KIND, timeout=timedelta(minutes=40))
def render(job: JobContext, document_type: str, subjects: list[UUID]) -> dict[str, Any]:
    """Make and archive the documents of a type about some subjects, one by one; what is made stays when it is stopped.

    The result names each document by its subject, and why those that are refused can never be made; the job fails
    where all are refused.
    """
    batches.check(document_type, subjects)
    # To archive is as good as a call: the same bytes in the same meaning are the same row.
    outcomes = {str(subject): _made(job, document_type, subject) for subject in subjects}
    refused = {subject: outcome["refused"] for subject, outcome in outcomes.items() if "refused" in outcome}
    if len(refused) == len(outcomes):
        raise Invalid(f"No document could be made: {next(iter(refused.values()))}")
    return {
        "documents": {subject: outcome["document"] for subject, outcome in outcomes.items() if subject not in refused},
        "refused": refused,
    }


def _made(job: JobContext, document_type: str, subject: UUID) -> dict[str, str]:
    outcome: dict[str, str] = job.call(batches.STEP, lambda key: batches.made(document_type, subject))
    return outcome


@handler("document.archive_check", timeout=timedelta(minutes=40))
def archive_check(job: JobContext) -> dict[str, Any]:
    """Read every archived file and compare its digest, and read the ledger from its first entry to its last.

    The job fails where files are damaged, naming them by their digest, or where the ledger is not as it was written.
    """
    # Reading is as good as a call: it may be repeated, and no transaction stays open for hours.
    job.call("enter", lambda key: ledger.enter_forgotten(everything=True))
    damaged = job.call("verify", lambda key: [damage.sha256 for damage in archive.verify_all()])
    flaws = job.call("ledger", lambda key: [f"{flaw.subject}: {flaw.problem}" for flaw in _flaws()])
    if damaged or flaws:
        files = f"The archive does not hold what it was given: {', '.join(damaged)}." if damaged else ""
        raise Invalid(" ".join(filter(None, [files, *flaws])))
    job.call("destroy", lambda key: disposal.destroy_left_over())
    return {"damaged": 0}


def _flaws() -> list[ledger_check.Flaw]:
    return list(islice(ledger_check.flaws(), MOST_FLAWS))
