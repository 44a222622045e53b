"""The addresses of the holders' portal; the floors above add theirs in the same namespace."""

from django.urls import URLPattern, URLResolver, include, path

from programs.views.portal import dashboard, members

HOLDER = "<uuid:holder_id>/"

of_holder: list[URLPattern | URLResolver] = [
    path("", dashboard.Dashboard.as_view(), name="dashboard"),
    path("members/", members.Members.as_view(), name="members"),
    path("members/<uuid:member_id>/", members.ChangeMember.as_view(), name="member"),
    path("members/invitations/<uuid:invitation_id>/", members.WithdrawInvitation.as_view(), name="invitation"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.choose, name="choose"),
    path(HOLDER, include(of_holder)),
]
