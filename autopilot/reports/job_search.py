"""How a search among the jobs is understood, so that it never reads them all."""

import re
from uuid import UUID

from django.db.models import Q, QuerySet

from autopilot.engine.registry import KIND, worker_of
from autopilot.models import Job, JobStatus
from autopilot.models.jobs import ShortId

MOST_SEARCHED = 10_000
SHORT_ID = re.compile(r"[0-9a-f]{8}")
FINGERPRINT = re.compile(r"[0-9a-f]{16}")
# As the index of these jobs has it, so that the index is used.
WITH_TEXT = ~Q(error="") | ~Q(hold_reason="")

Jobs = QuerySet[Job]
Reading = tuple[Jobs, str]


def search_jobs(rows: Jobs, term: str) -> Reading:
    """Return those of `rows` that a search means, and a sentence that says how it was understood.

    A term is an id, the end of one, a failure's fingerprint, a kind or a unique key, if there is such a job; anything
    else is looked for in the errors and reasons to hold of the newest 10,000 of `rows` that have one.
    """
    wanted = term.strip().replace("\0", "")
    for read in (_by_id, _by_short_id, _by_fingerprint, _by_kind, _by_key):
        found = read(rows, wanted)
        if found is not None and found[0].exists():
            return found
    return _by_text(rows, wanted)


def _by_id(rows: Jobs, term: str) -> Reading | None:
    try:
        return rows.filter(pk=UUID(term)), "The job with this id."
    except ValueError:
        return None


def _by_short_id(rows: Jobs, term: str) -> Reading | None:
    digits = term.removeprefix("…").strip("\u2060 ").lower()
    if not SHORT_ID.fullmatch(digits):
        return None
    return rows.alias(short_id=ShortId("id")).filter(short_id=digits), f"Jobs whose id ends with {digits}."


def _by_fingerprint(rows: Jobs, term: str) -> Reading | None:
    if not FINGERPRINT.fullmatch(term):
        return None
    failed = rows.filter(status=JobStatus.FAILED, error_fingerprint=term)
    return failed, f"Failed jobs with the fingerprint {term}."


def _by_kind(rows: Jobs, term: str) -> Reading | None:
    if not KIND.fullmatch(term):
        return None
    return of_kind(rows, term), f"Jobs of the kind {term}."


def of_kind(rows: Jobs, kind: str) -> Jobs:
    """Return those of a kind; its worker stands first in the index."""
    return rows.filter(worker=worker_of(kind), kind=kind)


def _by_key(rows: Jobs, term: str) -> Reading:
    return rows.exclude(unique_key="").filter(unique_key=term), f"Jobs whose unique key is “{term}”."


def _by_text(rows: Jobs, term: str) -> Reading:
    told = rows.filter(WITH_TEXT)
    oldest = told.order_by("-created_at").values_list("created_at", flat=True)[MOST_SEARCHED - 1 : MOST_SEARCHED]
    newest = told.filter(created_at__gte=oldest[0]) if oldest else told
    contains = Q(error__icontains=term) | Q(hold_reason__icontains=term) | Q(reason=term.lower().replace(" ", "_"))
    among = f"the newest {MOST_SEARCHED:,} that have one"
    return newest.filter(contains), f"Jobs whose error or reason to hold contains “{term}”, among {among}."
