"""Check applications, and keep what the checks found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from programs import duplicates
from programs.duplicates import Identity, likeness
from programs.facts import ApplicationFacts
from programs.models import Application, ApplicationStatus, Finding
from programs.services.applications import facts_of, get_application, move_application
from programs.verification import Result, verify

MOST_COMPARED = 500


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
    return verify(facts, **look_alikes(application))


def look_alikes(application: Application) -> dict[str, int]:
    """Return how many other applications may be of the same organization, as `verify` takes it."""
    kinds = Counter(kind for _, kind in find_duplicates(application))
    return {
        "other_applications_with_ein": count_others_with_ein(application),
        "with_name_and_address": kinds[duplicates.SAME_ADDRESS],
        "similar": kinds[duplicates.SIMILAR],
    }


def find_duplicates(application: Application) -> list[tuple[Application, str]]:
    """Return the other applications that may be of the same organization, each with how it is alike, the newest first.

    Compared are those with the same EIN, e-mail or phone, in the same city, or of a name that begins alike; at most 500.
    """
    this = application
    near = Q(mailing_state=this.mailing_state, mailing_city__iexact=this.mailing_city)
    reached = Q(contact_email__iexact=this.contact_email) | Q(contact_phone=this.contact_phone)
    alike = Q(legal_name__istartswith=this.legal_name[:8])
    others = Application.objects.filter(Q(ein=this.ein) | near | reached | alike).exclude(pk=this.pk)
    found = ((each, likeness(_identity(this), _identity(each))) for each in others[:MOST_COMPARED])
    return [(each, kind) for each, kind in found if kind]


def count_others_with_ein(application: Application) -> int:
    """Return how many other applications are on file with the same EIN."""
    return Application.objects.filter(ein=application.ein).exclude(pk=application.pk).count()


def _identity(application: Application) -> Identity:
    return Identity(**{field.name: getattr(application, field.name) for field in fields(Identity)})


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
