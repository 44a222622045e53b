"""Two at once: the same form sent twice, and one correction link opened in two windows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from autopilot.identifiers import uuid7
from autopilot.models import Job, OutboxMessage
from programs.models import Application, ApplicationRevision
from programs.services.applications import move_application, submit_application
from programs.services.corrections import correct_application, correction_token, reject_application
from tests.programs.samples import facts, submitted

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db(transaction=True)]
AT_ONCE = 6


def at_once(deed: Callable[[int], object]) -> list[object]:
    """Do a deed several times at the same moment; return what each returned or was refused with."""
    start = Barrier(AT_ONCE)

    def run(number: int) -> object:
        start.wait()
        try:
            return deed(number)
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_the_same_form_sent_several_times_at_once_is_one_application():
    key = uuid7()

    answers = at_once(lambda number: submit_application(facts=facts(), form_key=key))

    assert answers == [Application.objects.get()] * AT_ONCE
    assert Job.objects.count() == OutboxMessage.objects.count() == ApplicationRevision.objects.count() == 1


def test_a_correction_link_used_several_times_at_once_counts_once():
    application = submitted()
    for status in ("validating", "in_review"):
        move_application(application, status)
    reject_application(application, reason="Wrong site.")
    token = correction_token(application)

    answers = at_once(
        lambda number: correct_application(
            token=token, facts=facts(site_street=f"{number} Dock Road"), form_key=uuid7()
        )
    )

    assert sorted(map(str, answers)) == sorted([application.reference] + ["link_unknown"] * (AT_ONCE - 1))
    assert Application.objects.get().revision == 2
    assert Job.objects.count() == 2
