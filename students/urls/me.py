"""The addresses of a student's own portal."""

from django.urls import URLPattern, URLResolver, path

from students.views.me import agreements, certificates, eligibility, join, leads, messages, overview, papers, plans

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.Overview.as_view(), name="overview"),
    path("join/<str:token>/", join.Join.as_view(), name="join"),
    path("no-more-mails/<str:token>/", leads.StopMails.as_view(), name="stop_mails"),
    path("programs/<uuid:enrollment_id>/", overview.Program.as_view(), name="program"),
    path("programs/<uuid:enrollment_id>/agreement/", agreements.OneAgreement.as_view(), name="agreement"),
    path("programs/<uuid:enrollment_id>/agreement.pdf", agreements.AgreementFile.as_view(), name="agreement_file"),
    path(
        "programs/<uuid:enrollment_id>/agreement/<int:number>.png",
        agreements.AgreementPicture.as_view(), name="agreement_page",
    ),
    path("documents/", papers.Papers.as_view(), name="papers"),
    path("documents/<slug:slug>/", papers.OnePaper.as_view(), name="paper"),
    path("documents/files/<uuid:paper_id>/", papers.PaperFile.as_view(), name="paper_file"),
    path("certificates/", certificates.Certificates.as_view(), name="certificates"),
    path("eligibility/<uuid:determination_id>/letter.pdf", eligibility.Letter.as_view(), name="letter"),
    path("plans/<uuid:plan_id>/", plans.Plan.as_view(), name="plan"),
    path("messages/", messages.Conversations.as_view(), name="messages"),
    path("messages/<uuid:enrollment_id>/", messages.Conversation.as_view(), name="conversation"),
]  # fmt: skip
