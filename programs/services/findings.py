"""Check applications, and keep what the checks found."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from programs.facts import ApplicationFacts
from programs.models import Application, ApplicationStatus, Finding
from programs.services.applications import facts_of, get_application, move_application
from programs.verification import Result, verify


@transaction.atomic
def verify_application(application_id: UUID, *, job_id: UUID) -> dict[str, int]:
    """Check an application on behalf of a job, which works on it from now on; returns how many checks went how.

    Raises Invalid for an unknown application, and ValidationError when it stands where it is not checked any more.
    """
    application = get_application(application_id)
    if application.status != ApplicationStatus.VALIDATING:
        move_application(application, ApplicationStatus.VALIDATING, job_id=job_id)
    Application.objects.filter(pk=application_id).update(job_id=job_id)
    results = check_application(application, facts_of(application))
    record_findings(application, results)
    return {verdict: sum(each.verdict == verdict for each in results) for verdict in Finding.Verdict.values}


def check_application(application: Application, facts: ApplicationFacts) -> list[Result]:
    """Return what every check finds about facts that an application states, or that a reviewer amended."""
    return verify(facts, other_applications_with_ein=count_others_with_ein(application))


def count_others_with_ein(application: Application) -> int:
    """Return how many other applications are on file with the same EIN."""
    return Application.objects.filter(ein=application.ein).exclude(pk=application.pk).count()


def record_findings(application: Application, results: Sequence[Result]) -> None:
    """Keep what the checks found about the current revision, in place of what they found before."""
    application.findings.filter(revision=application.revision).delete()
    Finding.objects.bulk_create(
        Finding(
            application=application,
            revision=application.revision,
            position=each.position,
            check_code=each.check,
            title=each.title,
            verdict=each.verdict,
            reason=each.reason,
            action=each.action,
            source=each.source,
            internal=each.internal,
        )
        for each in results
    )
