"""The API's addresses, and the pages that describe it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.renderers import JSONRenderer

from autopilot.api import checkpoints, jobs, kinds, pump, stats, workers
from programs.api import applications, attachments, billing, cohorts, listings, mous, programs, requirements
from students.api import attendance, certificates, enrollments

app_name = "api"


MEDIA_TYPE = "application/vnd.oai.openapi+json"


@require_safe
@conditional_page
@cache_control(no_cache=True)
def describe(request: HttpRequest) -> HttpResponse:
    """Return the description as OpenAPI, to anybody: it names no tenant, no kind and no person, and an integrator reads
    it before there is a token.
    """
    return HttpResponse(_written(), content_type=MEDIA_TYPE)


@require_safe
@cache_control(no_cache=True)
def read(request: HttpRequest) -> HttpResponse:
    """Show the description with Swagger UI, to anybody."""
    return render(request, "api/docs.html")


@cache
def document() -> Any:
    """Return the description, which is made once: the code it is made from does not change while it runs."""
    return SchemaGenerator(urlconf="config.urls").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


@cache
def _written() -> bytes:
    written: bytes = JSONRenderer().render(document())
    return written


urlpatterns = [
    path("jobs", jobs.Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:pk>", jobs.OneJob.as_view(), name="job"),
    path("jobs/<uuid:pk>/cancel", jobs.CancelJob.as_view(), name="cancel_job"),
    path("jobs/<uuid:pk>/requeue", jobs.RequeueJob.as_view(), name="requeue_job"),
    path("jobs/<uuid:pk>/events", jobs.JobEvents.as_view(), name="job_events"),
    path("jobs/<uuid:pk>/steps", jobs.JobSteps.as_view(), name="job_steps"),
    path("jobs/<uuid:pk>/checkpoints", jobs.JobCheckpoints.as_view(), name="job_checkpoints"),
    path("checkpoints", checkpoints.Checkpoints.as_view(), name="checkpoints"),
    path("checkpoints/<uuid:pk>", checkpoints.OneCheckpoint.as_view(), name="checkpoint"),
    path("checkpoints/<uuid:pk>/decide", checkpoints.DecideCheckpoint.as_view(), name="decide_checkpoint"),
    path("workers", workers.Workers.as_view(), name="workers"),
    path("workers/pause", workers.PauseAll.as_view(), name="pause_all_workers"),
    path("workers/resume", workers.ResumeAll.as_view(), name="resume_all_workers"),
    path("workers/run", workers.RunAll.as_view(), name="run_all_workers"),
    path("workers/<slug:name>", workers.OneWorker.as_view(), name="worker"),
    path("workers/<slug:name>/pause", workers.PauseWorker.as_view(), name="pause_worker"),
    path("workers/<slug:name>/resume", workers.ResumeWorker.as_view(), name="resume_worker"),
    path("workers/<slug:name>/run", workers.RunWorker.as_view(), name="run_worker"),
    path("kinds", kinds.Kinds.as_view(), name="kinds"),
    path("kinds/<str:kind>", kinds.OneKind.as_view(), name="kind"),
    path("stats", stats.Stats.as_view(), name="stats"),
    path("applications", applications.Applications.as_view(), name="applications"),
    path("applications/attachments", attachments.Attachments.as_view(), name="attachments"),
    path("applications/<uuid:pk>", applications.OneApplication.as_view(), name="application"),
    path("programs", programs.Programs.as_view(), name="programs"),
    path("programs/<uuid:pk>", programs.OneProgram.as_view(), name="program"),
    path("programs/<uuid:pk>/update", programs.UpdateProgram.as_view(), name="update_program"),
    path("programs/<uuid:pk>/submit", programs.SubmitProgram.as_view(), name="submit_program"),
    path("cohorts", cohorts.Cohorts.as_view(), name="cohorts"),
    path("cohorts/<uuid:pk>", cohorts.OneCohort.as_view(), name="cohort"),
    path("cohorts/<uuid:pk>/update", cohorts.UpdateCohort.as_view(), name="update_cohort"),
    path("cohorts/<uuid:pk>/open", cohorts.OpenCohort.as_view(), name="open_cohort"),
    path("cohorts/<uuid:pk>/week", cohorts.SetWeek.as_view(), name="set_cohort_week"),
    path("sessions", cohorts.Sessions.as_view(), name="sessions"),
    path("sessions/<uuid:pk>", cohorts.OneSession.as_view(), name="session"),
    path("sessions/<uuid:pk>/cancel", cohorts.CancelSession.as_view(), name="cancel_session"),
    path("sessions/<uuid:pk>/move", cohorts.MoveSession.as_view(), name="move_session"),
    path("listings", listings.Listings.as_view(), name="listings"),
    path("listings/<uuid:pk>", listings.OneListing.as_view(), name="listing"),
    path("listings/<uuid:pk>/withdraw", listings.WithdrawListing.as_view(), name="withdraw_listing"),
    path("mous", mous.Mous.as_view(), name="mous"),
    path("mous/<uuid:pk>", mous.OneMou.as_view(), name="mou"),
    path("invoices", billing.Invoices.as_view(), name="invoices"),
    path("invoices/<uuid:pk>", billing.OneInvoice.as_view(), name="invoice"),
    path("payouts", billing.Payouts.as_view(), name="payouts"),
    path("payouts/<uuid:pk>", billing.OnePayout.as_view(), name="payout"),
    path("holders", requirements.Holders.as_view(), name="holders"),
    path("holders/<uuid:pk>", requirements.OneHolder.as_view(), name="holder"),
    path("requirements", requirements.Requirements.as_view(), name="requirements"),
    path("requirements/<uuid:pk>", requirements.OneRequirement.as_view(), name="requirement"),
    path("requirements/<uuid:pk>/proof", requirements.RequirementProof.as_view(), name="proof"),
    path("enrollments", enrollments.Enrollments.as_view(), name="enrollments"),
    path("enrollments/<uuid:pk>", enrollments.OneEnrollment.as_view(), name="enrollment"),
    path("enrollments/<uuid:pk>/accept", enrollments.AcceptEnrollment.as_view(), name="accept_enrollment"),
    path("enrollments/<uuid:pk>/decline", enrollments.DeclineEnrollment.as_view(), name="decline_enrollment"),
    path("enrollments/<uuid:pk>/certificate", certificates.RequestCertificate.as_view(), name="request_certificate"),
    path("certificates", certificates.Certificates.as_view(), name="certificates"),
    path("certificates/<uuid:pk>", certificates.OneCertificate.as_view(), name="certificate"),
    path("attendance", attendance.AttendanceRecords.as_view(), name="attendance"),
    path("pump", pump.RunPump.as_view(), name="pump"),
    path("schema", describe, name="schema"),
    path("docs", read, name="docs"),
]
