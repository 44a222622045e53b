"""The lines to a portal: so few that a silent one leaves workers for other work, and none while it fails again and again.

All processes share what stands in the database: who talks with a portal, how often in a row it failed, and until when
it is left alone. After that one caller tries it, and the others wait for what comes of that.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Case, F, Q, When

from autopilot.clock import DatabaseNow
from autopilot.exceptions import Retryable, Snooze, Uncertain
from autopilot.models.portals import Portal, PortalLine
from autopilot.submissions.wire import PortalRefused, TurnedAway

MOST_FAILURES = 5
PAUSE = timedelta(seconds=60)
# A little more than the longest a request may take, so that no line is taken from somebody who still talks.
LEASE = timedelta(seconds=90)
LONGEST_WAIT, EVERY = 1.0, 0.05
SOON, LATER = timedelta(seconds=5), timedelta(seconds=30)


@contextmanager
def talking(portal: Portal, holder: UUID) -> Iterator[None]:
    """Hold a line to a portal for the length of a block, and note whether the portal failed in it.

    `holder`: the submission it is about; a line of its own that a dead process left is taken up again. Raises Snooze,
    so that no attempt is counted, when the portal is left alone or its lines stay busy for a second.
    """
    if not _may_be_tried(portal):
        raise Snooze(LATER)
    line = _take(portal, holder)
    if line is None:
        raise Snooze(SOON)
    try:
        yield
    except (TurnedAway, PortalRefused):
        _note_answer(portal)
        raise
    except (Retryable, Uncertain):
        _note_failure(portal)
        raise
    else:
        _note_answer(portal)
    finally:
        PortalLine.objects.filter(pk=line, holder=holder).update(until=DatabaseNow())


def is_left_alone(portal: Portal) -> bool:
    """Return whether a portal failed so often that it is not called now."""
    return Portal.objects.filter(pk=portal.pk, failures__gte=MOST_FAILURES, paused_until__gt=DatabaseNow()).exists()


def _may_be_tried(portal: Portal) -> bool:
    """Return whether a portal may be called; after a pause, by the one caller who takes the trial upon itself."""
    mine = Portal.objects.filter(pk=portal.pk)
    if mine.filter(failures__lt=MOST_FAILURES).exists():
        return True
    over = Q(paused_until__lte=DatabaseNow()) | Q(paused_until=None)
    return bool(mine.filter(over, failures__gte=MOST_FAILURES).update(paused_until=DatabaseNow(PAUSE)))


def _take(portal: Portal, holder: UUID) -> int | None:
    end = time.monotonic() + LONGEST_WAIT
    while True:
        for number in range(_most_lines()):
            line, _ = PortalLine.objects.get_or_create(portal=portal, number=number)
            free = PortalLine.objects.filter(Q(until__lte=DatabaseNow()) | Q(until=None) | Q(holder=holder), pk=line.pk)
            if free.update(holder=holder, until=DatabaseNow(LEASE)):
                return line.pk
        if time.monotonic() > end:
            return None
        time.sleep(EVERY)


def _most_lines() -> int:
    return max(1, settings.AUTOPILOT_WORKERS - 1)


def _note_answer(portal: Portal) -> None:
    Portal.objects.filter(pk=portal.pk, failures__gt=0).update(failures=0, paused_until=None)


def _note_failure(portal: Portal) -> None:
    pause = Case(When(failures__gte=MOST_FAILURES - 1, then=DatabaseNow(PAUSE)), default=F("paused_until"))
    Portal.objects.filter(pk=portal.pk).update(failures=F("failures") + 1, paused_until=pause)
