"""The doctor: looks for what the autopilot promises never to leave behind, and repairs what is safe to repair.

It never touches an at-most-once step, never decides for a person, never requeues what failed for good. Whatever it
repairs it does through the services that would have done it in time.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import islice

from django.db import InterfaceError, OperationalError

from autopilot.doctor import archive, clocks, clusters, disks, history, jobs, outbox, portals, schedules
from autopilot.doctor.findings import Finding

logger = logging.getLogger(__name__)

Check = Callable[[bool], Iterator[Finding]]

MOST_REPAIRS = 50
MOST_FINDINGS = 50
CHECKS: dict[str, Check] = {
    "leases": jobs.expired_leases,
    "waits": jobs.waits_for_nothing,
    "joins": jobs.satisfied_joins,
    "timers": jobs.overdue_timers,
    "orphans": jobs.orphans,
    "checkpoints": jobs.checkpoints_of_ended_jobs,
    "kinds": jobs.unknown_kinds,
    "outbox": outbox.waiting_messages,
    "portals": portals.silent_portals,
    "schedules": schedules.silent_schedules,
    "workers": clusters.paused_workers,
    "cluster": clusters.wedged_cluster,
    "clock": clocks.skew,
    "disks": disks.full_disks,
    "events": history.broken_chains,
    "documents": archive.damaged_documents,
    "ledger": archive.broken_ledger,
}


def examine(
    names: Collection[str] = (),
    *,
    dry_run: bool = False,
    everything: bool = False,
    most: int = MOST_FINDINGS,
    repairs: int = MOST_REPAIRS,
) -> list[Finding]:
    """Run the named checks, or all, and return what they found, with what was repaired marked so.

    A dry run repairs nothing; otherwise at most `repairs` repairs are made. `everything` reads every chain of events and every
    archived file instead of a sample. `most` bounds the findings of each check. A check that fails is itself a finding.
    Raises OperationalError or InterfaceError only, when the database itself is away.
    """
    left = 0 if dry_run else min(repairs, MOST_REPAIRS)
    found: list[Finding] = []
    for name in names or CHECKS:
        for finding in _look(name, everything, most):
            treated = _treat(finding) if left and finding.repair else finding
            left -= treated.repaired
            found.append(treated)
    return found


def _look(name: str, everything: bool, most: int) -> list[Finding]:
    try:
        return list(islice(CHECKS[name](everything), most))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (a broken check must not keep the others from theirs)
        logger.error("the check %s failed: %s", name, type(error).__name__)
        return [Finding(name, "", f"The check itself failed: {type(error).__name__}.", "Read the log.")]


def _treat(finding: Finding) -> Finding:
    try:
        return replace(finding, repaired=bool(finding.repair and finding.repair()))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (what cannot be repaired stays a finding, and the others get their turn)
        logger.error("the repair of %s %s failed: %s", finding.check, finding.subject, type(error).__name__)
        return finding
