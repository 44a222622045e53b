"""Take applications in, and move them through their life."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from autopilot import audit, clock
from autopilot.engine import emit, enqueue
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Document
from autopilot.storable import digest
from programs.facts import COLUMNS, ApplicationFacts, AttachmentFacts, ProgramFacts, SiteFacts, program_from_columns
from programs.models import (
    MOST_ATTACHMENTS,
    MOST_PROGRAMS,
    MOST_SITES,
    Application,
    ApplicationDocument,
    ApplicationProgram,
    ApplicationRevision,
    ApplicationSite,
    ApplicationStatus,
    ApplicationStatusChange,
)

PRIORITY = 8
RECEIVED = "programs.application.received"
PROGRAM_COLUMNS = [field.name for field in fields(ProgramFacts)]
Status = ApplicationStatus

# A job that is started over validates and reviews again, until somebody has approved.
LEGAL_MOVES: dict[str, frozenset[str]] = {
    Status.SUBMITTED: frozenset({Status.VALIDATING}),
    Status.VALIDATING: frozenset({Status.IN_REVIEW}),
    Status.IN_REVIEW: frozenset({Status.APPROVED, Status.REJECTED, Status.VALIDATING}),
    Status.REJECTED: frozenset({Status.SUBMITTED}),
    Status.APPROVED: frozenset({Status.SUBMITTED_TO_STATE, Status.REJECTED}),
    Status.SUBMITTED_TO_STATE: frozenset({Status.STATE_APPROVED, Status.STATE_DENIED}),
    Status.STATE_APPROVED: frozenset(),
    Status.STATE_DENIED: frozenset(),
}


def submit_application(
    *, facts: ApplicationFacts, form_key: UUID, by: User | None = None, tenant_id: UUID | None = None
) -> Application:
    """Store an application and enqueue its processing, in one transaction; a form that was sent before counts once.

    `form_key` names the form that was filled in, `tenant_id` the organization for which it was sent, if there is one
    already. Raises ValidationError with the fields that do not fit, or with the code `form_reused` when this form has
    been sent before with other contents.
    """
    return once_per_form(form_key, facts, lambda: _store(facts, form_key, by, tenant_id or uuid7()))


def once_per_form(form_key: UUID, facts: ApplicationFacts, store: Callable[[], Application]) -> Application:
    """Return what `store` returns, or the application that this very form has brought in before."""
    try:
        with transaction.atomic():
            return sent_before(form_key, facts) or store()
    except IntegrityError:
        # The same form came twice at once, and the other one has won.
        earlier = sent_before(form_key, facts)
        if earlier is None:
            raise
        return earlier


def sent_before(form_key: UUID, facts: ApplicationFacts) -> Application | None:
    """Return the application that a form has brought in, if it was sent; raises ValidationError if it said otherwise."""
    revision = ApplicationRevision.objects.select_related("application").filter(form_key=form_key).first()
    if revision is None:
        return None
    if revision.digest != digest(facts.as_json()):
        raise ValidationError(
            f"This form was already sent, as {revision.application.reference}. To send another application, open the "
            "form anew; to change this one, wait for our answer.",
            code="form_reused",
        )
    return revision.application


def get_application(application_id: UUID, *, worked_on_by: UUID | None = None) -> Application:
    """Return an application.

    `worked_on_by` is the job that claims to work on it. Raises Invalid, which ends a job for good, when there is no
    application with this id, or when another job works on it now.
    """
    application = Application.objects.filter(pk=application_id).first()
    if application is None:
        raise Invalid(f"There is no application {application_id}.")
    if worked_on_by is not None and application.job_id != worked_on_by:
        raise Invalid(f"Another job, {application.job_id}, works on application {application_id} now.")
    return application


def facts_of(application: Application) -> ApplicationFacts:
    """Return what an application says now."""
    offered = application.programs.values(*PROGRAM_COLUMNS)
    documents = application.documents.values_list("kind", "file_name", "document_id", "document__sha256")
    return ApplicationFacts(
        **{name: getattr(application, name) for name in COLUMNS},
        programs=tuple(program_from_columns(each) for each in offered),
        sites=tuple(SiteFacts(**each) for each in application.sites.values("name", "street", "city", "state", "zip")),
        attachments=tuple(AttachmentFacts(kind, name, str(pk), sha256) for kind, name, pk, sha256 in documents),
    )


@transaction.atomic
def move_application(
    application: Application,
    to: str,
    *,
    by: User | None = None,
    reason: str = "",
    job_id: UUID | None = None,
    **changes: Any,
) -> None:
    """Move an application on from where this object says it stands, with history and audit.

    `reason` is kept in the history, `changes` are other columns that are set with the status.
    Raises ValidationError with the code `illegal_move`, or `moved_meanwhile` when somebody else was first.
    """
    origin = application.status
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"An application that is {origin} cannot become {to}.", code="illegal_move")
    standing = Application.objects.filter(pk=application.pk, status=origin, revision=application.revision)
    if not standing.update(status=to, **changes):
        raise ValidationError("Somebody else has moved this application meanwhile.", code="moved_meanwhile")
    application.refresh_from_db()
    record_change(application, origin, by=by, reason=reason, job_id=job_id)


def record_change(
    application: Application, origin: str, *, by: User | None = None, reason: str = "", job_id: UUID | None = None
) -> None:
    """Write into history and audit where an application stands now; `origin` is where it stood, or blank."""
    ApplicationStatusChange.objects.create(
        application=application,
        revision=application.revision,
        from_status=origin,
        to_status=application.status,
        reason=reason,
        actor=by,
        actor_label=by.get_username() if by else "",
        job_id=job_id,
    )
    audit.record(by, f"programs.application.{application.status}", application, revision=application.revision)


def write_facts(application: Application, facts: ApplicationFacts) -> None:
    """Set everything an application says, checked against its model; raises ValidationError with a message per field."""
    programs, sites = _checked(application, facts)
    documents = _checked_documents(application, facts)
    for name, value in facts.columns().items():
        setattr(application, name, value)
    application.save(update_fields=None if application._state.adding else list(facts.columns()))
    application.programs.all().delete()
    application.sites.all().delete()
    application.documents.all().delete()
    ApplicationProgram.objects.bulk_create(programs)
    ApplicationSite.objects.bulk_create(sites)
    ApplicationDocument.objects.bulk_create(documents)


def check_facts(facts: ApplicationFacts) -> None:
    """Raise ValidationError with a message per field when facts do not fit what an application can hold."""
    _checked(Application(), facts)


def accept_revision(application: Application, facts: ApplicationFacts, form_key: UUID, by: User | None) -> None:
    """Keep what the applicant sent, tell them, and enqueue the processing of this revision."""
    declared = facts.as_json()
    ApplicationRevision.objects.create(
        application=application,
        number=application.revision,
        form_key=form_key,
        declared=declared,
        digest=digest(declared),
        submitted_at=application.submitted_at,
    )
    emit(RECEIVED, tenant_id=application.tenant_id, application_id=application.pk)
    job = enqueue(
        "application.process",
        tenant_id=application.tenant_id,
        requested_by=by,
        requester_label="" if by else "applicant",
        priority=PRIORITY,
        unique_key=f"application:{application.pk}:{application.revision}",
        application_id=application.pk,
    )
    Application.objects.filter(pk=application.pk).update(job_id=job.pk)
    application.job_id = job.pk


def _checked(
    application: Application, facts: ApplicationFacts
) -> tuple[list[ApplicationProgram], list[ApplicationSite]]:
    columns = facts.columns()
    others = [field.name for field in Application._meta.fields if field.name not in columns]
    Application(**columns).clean_fields(exclude=others)
    programs = [
        ApplicationProgram(application=application, position=position, **program.columns())
        for position, program in enumerate(facts.programs, start=1)
    ]
    if not 1 <= len(programs) <= MOST_PROGRAMS:
        raise ValidationError({"programs": f"Name 1 to {MOST_PROGRAMS} programs."}, code="programs")
    for row in programs:
        _check_row("programs", "Program", row)
    return programs, _checked_sites(application, facts)


def _checked_sites(application: Application, facts: ApplicationFacts) -> list[ApplicationSite]:
    sites = [
        ApplicationSite(application=application, position=position, **vars(site))
        for position, site in enumerate(facts.sites, start=2)
    ]
    if len(sites) >= MOST_SITES:
        raise ValidationError({"sites": f"Name at most {MOST_SITES} training sites."}, code="sites")
    for row in sites:
        _check_row("sites", "Training site", row)
    if any(number > len(sites) + 1 for program in facts.programs for number in program.taught_at):
        raise ValidationError({"programs": "A program names a training site that is not there."}, code="taught_at")
    return sites


def _checked_documents(application: Application, facts: ApplicationFacts) -> list[ApplicationDocument]:
    attached = facts.attachments
    if len(attached) > MOST_ATTACHMENTS:
        text = f"Attach at most {MOST_ATTACHMENTS} documents."
        raise ValidationError({"attachments": text}, code="attachments")
    known = Document.objects.filter(pk__in=[each.document_id for each in attached], tenant_id=application.tenant_id)
    if set(known.values_list("pk", "sha256")) != {(UUID(each.document_id), each.sha256) for each in attached}:
        text = "A document is not on file for this application. Attach it again."
        raise ValidationError({"attachments": text}, code="attachments")
    return [
        ApplicationDocument(
            application=application,
            position=position,
            kind=each.kind,
            file_name=each.file_name,
            document_id=UUID(each.document_id),
        )
        for position, each in enumerate(attached, start=1)
    ]


def _check_row(name: str, noun: str, row: ApplicationProgram | ApplicationSite) -> None:
    try:
        row.clean_fields(exclude=["application"])
    except ValidationError as error:
        texts = [
            f"{noun} {row.position}, {field}: {text}" for field, found in error.message_dict.items() for text in found
        ]
        raise ValidationError({name: texts}) from None


def _store(facts: ApplicationFacts, form_key: UUID, by: User | None, tenant_id: UUID) -> Application:
    now = clock.now()
    application = Application(tenant_id=tenant_id, submitted_by=by, submitted_at=now, assurances_accepted_at=now)
    write_facts(application, facts)
    record_change(application, "", by=by)
    accept_revision(application, facts, form_key, by)
    return application
