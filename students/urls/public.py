"""The public addresses of certificates: their pages, the keys they are signed with, and the lists of what is revoked."""

from django.urls import path, re_path

from students.views import public

app_name = "certificates"
urlpatterns = [
    path(".well-known/jwks.json", public.key_set, name="keys"),
    path("verify/", public.Ask.as_view(), name="ask"),
    path("verify/keys/<str:kid>", public.one_key, name="key"),
    path("verify/status-lists/<int:number>", public.status_list, name="status_list"),
    re_path(r"^verify/(?P<code>[^/]+)/?$", public.Verify.as_view(), name="verify"),
    path("verify/<str:code>/certificate.pdf", public.Pdf.as_view(), name="pdf"),
    path("verify/<str:code>/credential.json", public.Wallet.as_view(), name="wallet"),
    path("verify/<str:code>/credential.jwt", public.Token.as_view(), name="token"),
]
