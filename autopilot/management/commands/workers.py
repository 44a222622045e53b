"""Look at workers, and pause and resume them."""

from argparse import Namespace
from collections.abc import Callable

from django.contrib.auth.models import User

from autopilot import workers
from autopilot.management.base import Verbs, VerbsCommand, attempted, misused, person_of, refusals
from autopilot.models import Worker
from autopilot.reports.queue_stats import queue_stats
from autopilot.scrubbing import scrubbed

LISTED = ("worker", "state", "due", "running", "concurrency", "paused_by", "paused_at", "pause_reason")
DONE = ("worker", "state", "outcome", "why")


class Command(VerbsCommand):
    """What the list of workers does, without a browser."""

    help = "Lists, pauses and resumes workers."

    def add_verbs(self, verbs: Verbs) -> None:
        """Add the three verbs."""
        verbs.add("list", self.list_workers, "List workers, and what they have in hand.")
        pause = verbs.add_deed("pause", self.pause, "Let a worker's jobs not be started; running ones finish.")
        pause.add_argument("--stop", action="store_true", help="running jobs are given back at their next step")
        resume = verbs.add_deed("resume", self.resume, "Let a paused worker's jobs be started again.")
        for parser in (pause, resume):
            parser.add_argument("names", nargs="+", metavar="WORKER", help="their names")

    def list_workers(self, options: Namespace) -> None:
        """Print all workers."""
        stats = {row["worker"]: row for row in queue_stats()}
        found = Worker.objects.select_related("paused_by").order_by("name")
        rows = [
            {
                "worker": each.name,
                "state": each.get_pause_display(),
                "due": stats[each.name]["due"],
                "running": stats[each.name]["running"],
                "concurrency": each.concurrency,
                "paused_by": str(each.paused_by or ""),
                "paused_at": each.paused_at,
                "pause_reason": scrubbed(each.pause_reason),
            }
            for each in found
        ]
        self.print_rows(rows, LISTED)

    def pause(self, options: Namespace) -> str | None:
        """Pause workers one by one."""
        mode = Worker.Pause.STOP if options.stop else Worker.Pause.DRAIN

        def pause(worker: Worker, person: User) -> str:
            workers.pause(worker, by=person, reason=options.reason, mode=mode)
            return "paused"

        return self._do_each(options, pause)

    def resume(self, options: Namespace) -> str | None:
        """Resume workers one by one."""

        def resume(worker: Worker, person: User) -> str:
            workers.resume(worker, by=person, reason=options.reason)
            return "resumed"

        return self._do_each(options, resume)

    def _do_each(self, options: Namespace, deed: Callable[[Worker, User], str]) -> str | None:
        person = person_of(options)
        rows = []
        for worker in _named(options.names):
            outcome, why = attempted(lambda worker=worker: deed(worker, person), dry_run=options.dry_run)  # type: ignore[misc]
            worker.refresh_from_db()
            rows.append({"worker": worker.name, "state": worker.get_pause_display(), "outcome": outcome, "why": why})
        self.print_rows(rows, DONE)
        return refusals(rows)


def _named(names: list[str]) -> list[Worker]:
    known = {worker.name: worker for worker in Worker.objects.all()}
    if unknown := sorted(set(names) - set(known)):
        raise misused(f"There is no worker {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    return [known[name] for name in dict.fromkeys(names)]
