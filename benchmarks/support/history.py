"""A past for an installation: jobs by the ten thousand, with all that belongs to them."""

from django.contrib.auth.models import Group
from django.db import connection

from autopilot.models import Attempt, AuditEntry, Checkpoint, Event, Job, OutboxMessage
from benchmarks.support.filling import insert, per_job

SPAN = "interval '90 days'"


def fill(jobs: int, *, unfinished: bool = True) -> None:
    """Fill the tables in SQL: most jobs completed, some of every other status; with nothing `unfinished` if so told."""
    share = "(n % 1000)" if unfinished else "(CASE WHEN n % 1000 BETWEEN 15 AND 19 THEN 20 ELSE n % 1000 END)"
    status = (
        f"CASE WHEN {share} < 10 THEN 'failed' WHEN {share} < 15 THEN 'cancelled' WHEN {share} < 18 THEN 'pending' "
        f"WHEN {share} < 20 THEN 'waiting' ELSE 'completed' END"
    )
    ended = f"{share} NOT BETWEEN 15 AND 19"
    made = f"now() - {SPAN} * (n::float / {jobs})"
    worker = "(ARRAY['application', 'document', 'certification', 'compliance', 'credential'])[1 + n % 5]"
    insert(
        Job,
        jobs,
        id="gen_random_uuid()",
        tenant_id="('00000000-0000-7000-8000-' || lpad((n % 200)::text, 12, '0'))::uuid",
        worker=worker,
        kind=f"{worker} || '.' || (ARRAY['process', 'track'])[1 + n % 2]",
        status=status,
        wait_reason=f"CASE WHEN {share} BETWEEN 18 AND 19 THEN 'checkpoint' ELSE '' END",
        waiting_since=f"CASE WHEN {share} BETWEEN 18 AND 19 THEN {made} END",
        rank=made,
        scheduled_for=made,
        payload_digest="md5(n::text)",
        unique_key="CASE WHEN n % 7 = 0 THEN 'key-' || n ELSE '' END",
        reason=f"CASE WHEN {share} < 10 THEN 'attempts_exhausted' WHEN {ended} THEN 'done' ELSE '' END",
        error=f"CASE WHEN {share} < 10 THEN 'ConnectionError: connection refused by host ' || (n % 50) ELSE '' END",
        error_fingerprint=f"CASE WHEN {share} < 10 THEN left(md5((n % 50)::text), 16) ELSE '' END",
        created_at=made,
        first_started_at=made,
        finished_at=f"CASE WHEN {ended} THEN {made} + interval '3 seconds' END",
        event_seq="3",
    )
    per_job(Event, seq="1", to_status="'completed'", from_status="'running'", why="'done'", epoch="1",
            at="job.created_at", hash="md5(job.id::text)")  # fmt: skip
    per_job(Attempt, epoch="1", number="1", process="'one'", started_at="job.created_at",
            finished_at="job.created_at + interval '3 seconds'", outcome="'completed'")  # fmt: skip
    per_job(
        Checkpoint, "job.worker = 'application'", id="gen_random_uuid()", tenant_id="job.tenant_id", generation="1",
        key="'review'", kind="'approval_required'", title="'Review ' || left(job.id::text, 8)", payload_digest="'0'",
        status="CASE WHEN job.status = 'waiting' THEN 'pending' ELSE 'approved' END", created_at="job.created_at",
        decided_at="CASE WHEN job.status <> 'waiting' THEN job.created_at + interval '1 hour' END",
        due_at="job.created_at + interval '1 day'",
    )  # fmt: skip
    insert(AuditEntry, jobs // 2, name="'autopilot.job.' || (ARRAY['cancelled', 'held', 'requeued'])[1 + n % 3]",
           subject_type="'autopilot.Job'", subject_id="md5(n::text)", actor_label="'person-' || (n % 40)",
           at=made)  # fmt: skip
    insert(OutboxMessage, jobs // 2, id="gen_random_uuid()", topic="'programs.application.received'",
           tenant_id="gen_random_uuid()", status="'sent'", created_at=made, sent_at=made,
           next_attempt_at=made, announced="true")  # fmt: skip
    with connection.cursor() as cursor:
        reviewer = Group.objects.get(name="Reviewer").pk
        cursor.execute(
            "INSERT INTO autopilot_checkpoint_reviewers (checkpoint_id, group_id) SELECT id, %s FROM autopilot_checkpoint",
            [reviewer],
        )
        cursor.execute("VACUUM ANALYZE")
