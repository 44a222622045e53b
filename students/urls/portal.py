"""The addresses of students in the holders' portal."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from programs.urls.portal import HOLDER
from students.views.portal import (
    attendance,
    certificates,
    conversations,
    documents,
    exports,
    milestones,
    risks,
    rosters,
    students,
    transfers,
    waiting_list,
    weekly_reports,
)

of_students: list[URLPattern | URLResolver] = [
    path("", students.Students.as_view(), name="students"),
    path("new/", students.NewEnrollment.as_view(), name="enroll"),
    path("import/", rosters.Rosters.as_view(), name="rosters"),
    re_path(r"^import/template\.(?P<form>csv|xlsx)$", rosters.RosterTemplate.as_view(), name="roster_template"),
    path("import/<uuid:roster_id>/", rosters.OneRoster.as_view(), name="roster_import"),
    re_path(r"^roster\.(?P<form>csv|xlsx|pdf)$", exports.ExportRoster.as_view(), name="roster_export"),
    path("documents/", documents.AskForDocuments.as_view(), name="students_documents"),
    path("<uuid:enrollment_id>/documents/", documents.AskForDocument.as_view(), name="enrollment_documents"),
    path("waiting/", waiting_list.WaitingList.as_view(), name="waiting_list"),
    path("<uuid:enrollment_id>/", students.OneEnrollment.as_view(), name="enrollment"),
    path("<uuid:enrollment_id>/transfer/", transfers.Transfer.as_view(), name="transfer"),
    path("<uuid:enrollment_id>/messages/", conversations.Conversation.as_view(), name="conversation"),
    path("<uuid:enrollment_id>/milestones/", milestones.Milestones.as_view(), name="milestones"),
    path(
        "<uuid:enrollment_id>/milestones/<uuid:completion_id>/evidence/",
        milestones.Evidence.as_view(),
        name="milestone_evidence",
    ),
]
of_attendance: list[URLPattern | URLResolver] = [
    path("", attendance.Week.as_view(), name="attendance"),
    path("<uuid:session_id>/", attendance.OneSession.as_view(), name="attendance_session"),
]
of_reports: list[URLPattern | URLResolver] = [
    path("", weekly_reports.WeeklyReports.as_view(), name="weekly_reports"),
    path("<uuid:cohort_id>/<str:week>/", weekly_reports.OneReport.as_view(), name="weekly_report"),
]
of_certificates: list[URLPattern | URLResolver] = [
    path("", certificates.Certificates.as_view(), name="certificates"),
    path("batches/<uuid:batch_id>/", certificates.Batch.as_view(), name="certificate_batch"),
    path("<uuid:certificate_id>/", certificates.OneCertificate.as_view(), name="certificate"),
    path("<uuid:certificate_id>/pdf/", certificates.Pdf.as_view(), name="certificate_pdf"),
]
of_holder: list[URLPattern | URLResolver] = [
    path("students/", include(of_students)),
    path("attendance/", include(of_attendance)),
    path("weekly-reports/", include(of_reports)),
    path("at-risk/", risks.AtRisk.as_view(), name="at_risk"),
    path("certificates/", include(of_certificates)),
]
urlpatterns: list[URLPattern | URLResolver] = [path(HOLDER, include(of_holder))]
