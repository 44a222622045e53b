"""The jobs of MOUs: seal what both have signed, and end what is over."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from autopilot.engine import JobContext, handler
from programs.refusals import refusals_are_final
from programs.services import mous
from programs.services.mous import signing


@handler(signing.EXECUTE, max_attempts=5, priority=8, timeout=timedelta(minutes=5))
@refusals_are_final
def execute(job: JobContext, mou_id: UUID) -> dict[str, Any]:
    """Make and seal the executed file of an MOU that both have signed, and put it in force."""
    # A file that is made twice is archived twice, and one of the two is never named: as good as a call.
    document_id = job.call("seal", lambda key: str(mous.finish_mou(mou_id)))
    status = job.tx("execute", lambda: mous.execute_mou(mou_id, UUID(document_id)))
    return {"document_id": document_id, "status": status}


@handler("mou.expire")
def expire(job: JobContext) -> dict[str, Any]:
    """End the MOUs whose last day has passed: for a schedule that runs it daily."""
    return {"expired": job.tx("expire", mous.expire_mous)}
