"""The teaching handlers: what a worker can do, in three short examples, and the ground floor's own kind."""

from typing import Any, Literal

from autopilot import jobfiles, transforms
from autopilot.documents import archive
from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid

SAMPLE_SIZE = 5

Operation = Literal["map", "filter", "sort", "aggregate"]


@handler("sample.simple")
def simple(job: JobContext, subject: str) -> dict[str, Any]:
    """Tell people that it started, and do nothing else: the smallest whole worker."""
    job.info("started", title="A sample job has started", payload={"subject": subject})
    return {"done": True, "subject": subject}


@handler("sample.files")
def files(job: JobContext, files: list[dict[str, str]], description: str = "") -> dict[str, Any]:
    """Write files into the job's own area, and nothing before a person has approved exactly them.

    Each file has a `path`, relative and inside the area, and its `content`. Paths that are absolute or climb out are
    refused before anybody is asked.
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


@handler("sample.transform")
def transform(
    job: JobContext, operation: Operation, data: list[dict[str, Any]], transform: dict[str, Any]
) -> dict[str, Any]:
    """Transform records after a person has approved the input, and deliver them after one has approved the output.

    `operation` is map, filter, sort or aggregate; `transform` says how: see `autopilot.transforms`.
    """
    transforms.check(operation, transform)
    if not data:
        raise Invalid("There is nothing to transform: give at least one record in data.")
    source = job.approval(
        "input", title=f"{operation.capitalize()} {len(data)} records?", payload={"operation": operation, "data": data}
    )
    output = job.tx("transform", lambda: transforms.apply(operation, source.payload["data"], transform))
    job.approval(
        "output", title=f"Deliver {len(output)} records?", payload={"count": len(output), "sample": output[:SAMPLE_SIZE]}
    )
    return {"count": len(output), "data": output}


@handler("document.archive_check", max_attempts=1)
def archive_check(job: JobContext) -> dict[str, Any]:
    """Read every archived file and compare its digest; the job fails, naming documents by id, where one differs."""
    damaged = job.tx("verify", lambda: [str(document) for document in archive.verify_all()])
    if damaged:
        raise Invalid(f"The archive differs from its index in: {', '.join(damaged)}.")
    return {"damaged": 0}
