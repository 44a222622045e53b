"""Try the code at hand on every job that has begun: run it before a deployment, with the new code."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot import replay
from autopilot.management.base import OperatorCommand
from autopilot.scrubbing import scrubbed

COLUMNS = ("job", "kind", "problem")


class Command(OperatorCommand):
    """Does nothing to any job; ends with an error when one could not go on as it began."""

    help = "Replays every job that has begun against this code, without any effect, and names those that would break."
    default_limit = 1000

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the output."""
        self.add_options(parser, limit="most problems to print")

    def perform(self, options: Namespace) -> str | None:
        """Replay, and print every problem."""
        begun = replay.begun()
        count, problems = 0, []
        for _, problem in self.tracked(replay.check(), begun.count(), "Jobs"):
            count += 1
            if problem is not None:
                problems.append({"job": problem.job_id, "kind": problem.kind, "problem": scrubbed(problem.text)})
        self.print_rows(problems[: options.limit], COLUMNS)
        self.say(f"{count} job{'' if count == 1 else 's'} replayed, {len(problems)} would not go on as they began.")
        return "Do not deploy this code before these jobs have ended, or mend it." if problems else None
