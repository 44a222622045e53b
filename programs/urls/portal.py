"""The addresses of the holders' portal; the floors above add theirs in the same namespace."""

from django.urls import URLPattern, URLResolver, include, path

from programs.views.portal import (
    billing,
    billing_stages,  # noqa: F401 (it tells of stages)
    cohorts,
    dashboard,
    documents,
    enquiries,
    listings,
    members,
    mous,
    notifications,
    onboarding,
    payouts,
    programs,
    requirements,
    sessions,
    sites,
)

HOLDER = "<uuid:holder_id>/"

of_programs: list[URLPattern | URLResolver] = [
    path("", programs.Programs.as_view(), name="programs"),
    path("new/", programs.NewProgram.as_view(), name="program_new"),
    path("sites/", sites.Sites.as_view(), name="sites"),
    path("sites/new/", sites.NewSite.as_view(), name="site_new"),
    path("sites/<uuid:site_id>/", sites.EditSite.as_view(), name="site"),
    path("closures/", sessions.Closures.as_view(), name="closures"),
    path("closures/<uuid:closure_id>/", sessions.ReopenDay.as_view(), name="closure"),
    path("cohorts/<uuid:cohort_id>/", cohorts.OneCohort.as_view(), name="cohort"),
    path("cohorts/<uuid:cohort_id>/edit/", cohorts.EditCohort.as_view(), name="cohort_edit"),
    path("cohorts/<uuid:cohort_id>/rules/", sessions.Rules.as_view(), name="cohort_rules"),
    path("cohorts/<uuid:cohort_id>/sessions/new/", sessions.NewSession.as_view(), name="session_new"),
    path("sessions/<uuid:session_id>/", sessions.OneSession.as_view(), name="session"),
    path("<uuid:program_id>/", programs.OneProgram.as_view(), name="program"),
    path("<uuid:program_id>/edit/", programs.EditProgram.as_view(), name="program_edit"),
    path("listings/<uuid:listing_id>/", listings.WithdrawListing.as_view(), name="listing"),
    path("<uuid:program_id>/listings/", listings.Listings.as_view(), name="listings"),
    path("<uuid:program_id>/syllabus/", programs.Syllabus.as_view(), name="program_syllabus"),
    path("<uuid:program_id>/cohorts/new/", cohorts.NewCohort.as_view(), name="cohort_new"),
]
of_billing: list[URLPattern | URLResolver] = [
    path("", billing.Invoices.as_view(), name="billing"),
    path("invoices/<uuid:invoice_id>/", billing.OneInvoice.as_view(), name="invoice"),
    path("invoices/<uuid:invoice_id>/file/", billing.InvoiceFile.as_view(), name="invoice_file"),
    path("credit-notes/<uuid:note_id>/file/", billing.CreditNoteFile.as_view(), name="credit_note_file"),
    path("payments/", billing.Payments.as_view(), name="payments"),
    path("statement/", billing.StatementPage.as_view(), name="statement"),
    path("payouts/", payouts.Payouts.as_view(), name="payouts"),
    path("payouts/<uuid:payout_id>/", payouts.OnePayout.as_view(), name="payout"),
    path("payouts/<uuid:payout_id>/file/", payouts.RemittanceFile.as_view(), name="remittance_file"),
    path("bank/", payouts.BankDetails.as_view(), name="bank"),
    path("bank/edit/", payouts.EnterBankDetails.as_view(), name="bank_edit"),
]
of_requirements: list[URLPattern | URLResolver] = [
    path("", requirements.Requirements.as_view(), name="requirements"),
    path("<uuid:requirement_id>/", requirements.OneRequirement.as_view(), name="requirement"),
    path("<uuid:requirement_id>/files/<uuid:upload_id>/", requirements.RequirementFile.as_view(), name="proof"),
]
of_mous: list[URLPattern | URLResolver] = [
    path("", mous.Mous.as_view(), name="mous"),
    path("<uuid:mou_id>/", mous.OneMou.as_view(), name="mou"),
    path("<uuid:mou_id>/code/", mous.SendCode.as_view(), name="mou_code"),
    path("<uuid:mou_id>/decline/", mous.DeclineMou.as_view(), name="mou_decline"),
    path("<uuid:mou_id>/pages/<int:number>/", mous.MouPicture.as_view(), name="mou_page"),
    path("<uuid:mou_id>/file/", mous.MouFile.as_view(), {"which": mous.SIGNED}, name="mou_file"),
    path("<uuid:mou_id>/executed/", mous.MouFile.as_view(), {"which": mous.EXECUTED}, name="mou_executed"),
]
of_holder: list[URLPattern | URLResolver] = [
    path("", dashboard.Dashboard.as_view(), name="dashboard"),
    path("programs/", include(of_programs)),
    path("billing/", include(of_billing)),
    path("requirements/", include(of_requirements)),
    path("compliance/", requirements.Compliance.as_view(), name="compliance"),
    path("onboarding/", onboarding.OnboardingNow.as_view(), name="onboarding_now"),
    path("onboarding/<int:step>/", onboarding.Onboarding.as_view(), name="onboarding"),
    path("mou/", include(of_mous)),
    path("enquiries/", enquiries.Enquiries.as_view(), name="enquiries"),
    path("enquiries/<uuid:enquiry_id>/", enquiries.AnswerEnquiry.as_view(), name="enquiry"),
    path("documents/", documents.Documents.as_view(), name="documents"),
    path("documents/requests/<uuid:job_id>/", documents.DocumentRequest.as_view(), name="document_request"),
    path("documents/<uuid:document_id>/", documents.DocumentFile.as_view(), name="document_file"),
    path("notifications/", notifications.Notifications.as_view(), name="notifications"),
    path("members/", members.Members.as_view(), name="members"),
    path("members/<uuid:member_id>/", members.ChangeMember.as_view(), name="member"),
    path("members/invitations/<uuid:invitation_id>/", members.WithdrawInvitation.as_view(), name="invitation"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.choose, name="choose"),
    path(HOLDER, include(of_holder)),
]
