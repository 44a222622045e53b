"""Read the histories of jobs, and name those that were altered."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot.doctor import history
from autopilot.management.base import OperatorCommand, an_id, misused
from autopilot.models import Job

COLUMNS = ("job", "problem")


class Command(OperatorCommand):
    """Each event bears the hash of the one before it, so that a missing or altered one shows."""

    help = "Verifies the chained histories of jobs: the newest, those named, or all."
    default_limit = 1000

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose histories are read."""
        self.add_options(parser, limit="how many of the newest jobs")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--job", action="append", type=an_id, metavar="ID", help="only this job")
        which.add_argument("--all", dest="everything", action="store_true", help="all jobs")

    def perform(self, options: Namespace) -> str | None:
        """Read, and print a row for each job whose history is broken."""
        jobs = history.all_jobs()
        if options.job:
            jobs = jobs.filter(pk__in=options.job)
            if missing := {str(each) for each in options.job} - {str(job.pk) for job in jobs}:
                raise misused(f"There is no job {', '.join(sorted(missing))}. List them: manage.py jobs list")
        elif not options.everything:
            jobs = jobs[: options.limit]
        total = Job.objects.count() if options.everything else len(jobs)
        rows = []
        for job in self.tracked(jobs.iterator(chunk_size=200), total, "Histories"):
            if problem := history.problem_of(job):
                rows.append({"job": job.pk, "problem": problem})
        self.print_rows(rows, COLUMNS)
        self.say(f"{total} histories read, {len(rows)} broken.")
        return history.REMEDY if rows else None
