"""The addresses of the holders' portal; the floors above add theirs in the same namespace."""

from django.urls import URLPattern, URLResolver, include, path

from programs.views.portal import cohorts, dashboard, members, programs, sessions, sites

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
    path("<uuid:program_id>/cohorts/new/", cohorts.NewCohort.as_view(), name="cohort_new"),
]
of_holder: list[URLPattern | URLResolver] = [
    path("", dashboard.Dashboard.as_view(), name="dashboard"),
    path("programs/", include(of_programs)),
    path("members/", members.Members.as_view(), name="members"),
    path("members/<uuid:member_id>/", members.ChangeMember.as_view(), name="member"),
    path("members/invitations/<uuid:invitation_id>/", members.WithdrawInvitation.as_view(), name="invitation"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.choose, name="choose"),
    path(HOLDER, include(of_holder)),
]
