"""Look for what the autopilot must never leave behind, and repair what is safe to repair."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot import doctor
from autopilot.doctor.findings import Finding
from autopilot.management.base import OperatorCommand

COLUMNS = ("check", "subject", "problem", "outcome", "remedy")


class Command(OperatorCommand):
    """Safe at any time; what it repairs stands in the history of the job."""

    help = "Looks for jobs, messages and files that are not as they must be; repairs at most 50 a run."
    default_limit = doctor.MOST_FINDINGS

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to look at, and whether only to look."""
        self.add_options(parser, limit="most findings of each check")
        parser.add_argument("--check", action="append", choices=list(doctor.CHECKS), default=[], help="only this check")
        everything = "every history and every archived file, not only a sample"
        parser.add_argument("--all", dest="everything", action="store_true", help=everything)
        parser.add_argument("--dry-run", action="store_true", help="say what is wrong, and repair nothing")

    def perform(self, options: Namespace) -> str | None:
        """Examine, check by check, and print what was found."""
        found: list[Finding] = []
        names = options.check or list(doctor.CHECKS)
        left = doctor.MOST_REPAIRS
        for name in self.tracked(names, len(names), "Checks"):
            found += doctor.examine(
                [name], dry_run=options.dry_run, everything=options.everything, most=options.limit, repairs=left
            )
            left = doctor.MOST_REPAIRS - sum(finding.repaired for finding in found)
        self.print_rows([_row(finding, options.dry_run) for finding in found], COLUMNS)
        self.say(f"{len(names)} check{'' if len(names) == 1 else 's'} made, {len(found)} findings.")
        remaining = sum(not finding.repaired for finding in found)
        return f"{remaining} of {len(found)} findings remain." if remaining else None


def _row(finding: Finding, dry_run: bool) -> dict[str, str]:
    would = dry_run and finding.repair is not None
    outcome = "repaired" if finding.repaired else "would be repaired" if would else "found"
    return {
        "check": finding.check,
        "subject": finding.subject,
        "problem": finding.problem,
        "outcome": outcome,
        "remedy": "" if finding.repaired else finding.remedy,
    }
