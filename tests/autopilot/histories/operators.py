"""What operators do to jobs and workers, wherever those stand."""

from django.contrib.auth.models import User

from autopilot import workers
from autopilot.engine import Requeue, cancel, hold, release, requeue
from autopilot.exceptions import ControlRefused
from autopilot.models import Job, JobStatus, Worker
from tests.autopilot.histories.stage import Stage

STOP, DRAIN = Worker.Pause.STOP, Worker.Pause.DRAIN


class Operators:
    """Carol, who controls what runs on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.carol: User = stage.office.people[2]

    def live(self) -> list[Job]:
        """Return the jobs that have not ended, oldest first."""
        return list(Job.objects.live().order_by("pk"))

    def cancel(self, which: int) -> None:
        """Cancel a job."""
        for job in self.live()[which : which + 1]:
            cancel(job.pk, actor=self.carol, reason="No longer wanted.")

    def cancel_running(self) -> None:
        """Cancel the job whose process is frozen at this moment."""
        for job in self.stage.world.running[-1:]:
            cancel(job.pk, actor=self.carol, reason="No longer wanted.")

    def hold_or_release(self, which: int) -> None:
        """Hold a job that does not run, or release a held one."""
        for job in self.live()[which : which + 1]:
            if job.held_at is not None:
                release(job.pk, actor=self.carol, reason="Go on.")
            elif job.status in (JobStatus.PENDING, JobStatus.WAITING):
                hold(job.pk, actor=self.carol, reason="Wait.")

    def requeue(self, mode: Requeue, step: int) -> None:
        """Put every job that failed or was cancelled back in the queue, where the engine allows it."""
        for job in Job.objects.filter(status__in=(JobStatus.FAILED, JobStatus.CANCELLED)).order_by("pk"):
            keys = list(job.steps.filter(generation=job.generation).order_by("pk").values_list("key", flat=True))
            try:
                key = keys[step % len(keys)] if keys else "none"
                requeue(job.pk, actor=self.carol, reason="Once more.", mode=mode, step=key)
            except ControlRefused:
                continue

    def pause_or_resume(self, which: int) -> None:
        """Pause the worker, letting what runs finish or not, or let it go on."""
        worker = Worker.objects.get(pk=self.stage.worker.pk)
        if worker.enabled:
            workers.pause(worker, by=self.carol, reason="A storm.", mode=(DRAIN, STOP)[which % 2])
        else:
            workers.resume(worker, by=self.carol, reason="Go on.")

    def stop_worker(self) -> None:
        """Pause the worker so that running jobs stop at their next step."""
        if Worker.objects.get(pk=self.stage.worker.pk).enabled:
            workers.pause(self.stage.worker, by=self.carol, reason="A storm.", mode=STOP)

    def let_everything_go(self) -> None:
        """Release every job and resume the worker."""
        if not Worker.objects.get(pk=self.stage.worker.pk).enabled:
            workers.resume(self.stage.worker, by=self.carol, reason="Go on.")
        for job in Job.objects.exclude(held_at=None):
            release(job.pk, actor=self.carol, reason="Go on.")
