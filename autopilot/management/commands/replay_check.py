"""Try the code at hand on every job that has begun: run it before a deployment, with the new code."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from autopilot import replay


class Command(BaseCommand):
    """Does nothing to any job; ends with an error when one could not go on as it began."""

    help = "Replays every job that has begun against this code, without any effect, and names those that would break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the format."""
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, format: str, **options: Any) -> None:
        """Replay, and print every problem."""
        count, problems = 0, []
        for _, problem in replay.check():
            count += 1
            if problem is not None:
                problems.append(problem)
        if format == "json":
            rows = [{"job": str(each.job_id), "kind": each.kind, "problem": each.text} for each in problems]
            self.stdout.write(json.dumps({"checked": count, "problems": rows}))
        else:
            for each in problems:
                self.stdout.write(f"{each.job_id}  {each.kind}  {each.text}")
            self.stdout.write(
                f"{count} job{'' if count == 1 else 's'} replayed, {len(problems)} would not go on as they began."
            )
        if problems:
            raise CommandError("Do not deploy this code before these jobs have ended, or mend it.", returncode=1)
