"""What anybody may open about certificates: a page for whoever holds the code, its files, and what machines need.

An unknown code takes the same way as a known one: the same count against the rate, the same query, the same page.
"""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.models import Document
from programs.views.throttle import HOUR, is_too_fast
from students.badges import signing
from students.models import Certificate, CertificateStatus, StatusList
from students.services import certificate_files, certificates

LOOKS_PER_HOUR = 120
FIVE_MINUTES = 300


@method_decorator(never_cache, name="dispatch")
class ByCode(View):
    """Something about the certificate whose code stands in the address: so often an hour from one address."""

    http_method_names = ["get", "head"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Count the look, and keep the answer out of search engines and out of what other sites are told."""
        response = _slow_down(request) if _is_too_fast(request) else super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response


class Ask(ByCode):
    """A form for the code on a printed certificate."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it, or lead to the page of the code that was typed."""
        code = certificates.read_code(request.GET.get("code", ""))
        return redirect("certificates:verify", code=code) if code else render(request, "students/public/ask.html")


class Verify(ByCode):
    """Name, credential, dates and status of a certificate, and nothing else."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show it; of an unknown code the page says that there is none."""
        certificate = certificates.find_public(code)
        context = {"certificate": certificate, "code": certificates.read_code(code)}
        status = HTTPStatus.OK if certificate else HTTPStatus.NOT_FOUND
        return render(request, "students/public/verify.html", context, status=status)


class Pdf(ByCode):
    """The PDF of a certificate that counts."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Return it as a file."""
        certificate = _counting(code)
        return _file(_read(certificate.document), "application/pdf", f"{certificate.number}.pdf")


class Wallet(ByCode):
    """The credential of a certificate as JSON, which wallets import."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Return it as a file; it says itself where its revocation would stand."""
        certificate = _counting(code)
        told = signing.enveloped(_read(certificate.badge).decode())
        response = JsonResponse(told, content_type="application/vc+json", json_dumps_params={"indent": 2})
        response["Content-Disposition"] = f'attachment; filename="{certificate.number}.json"'
        return response


class Token(ByCode):
    """The credential of a certificate as it was signed."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Return it as a file."""
        certificate = _counting(code)
        return _file(_read(certificate.badge), signing.MEDIA_TYPE, f"{certificate.number}.jwt")


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
def key_set(request: HttpRequest) -> HttpResponse:
    """Return every public key that certificates were ever signed with (RFC 7517, 5)."""
    return _for_machines(
        JsonResponse({"keys": certificate_files.published_keys()}, content_type="application/jwk-set+json")
    )


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
def one_key(request: HttpRequest, kid: str) -> HttpResponse:
    """Return the public key that a credential names in its header."""
    address = certificate_files.key_address(kid)
    for key in certificate_files.published_keys():
        if key["kid"] == address:
            return _for_machines(JsonResponse(key, content_type="application/jwk+json"))
    raise Http404("There is no key of this name.")


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
def status_list(request: HttpRequest, number: int) -> HttpResponse:
    """Return a published list of what is revoked."""
    row = StatusList.objects.exclude(signed="").filter(pk=number).first() if number < 2**31 else None
    if row is None:
        raise Http404("There is no status list of this number.")
    return _for_machines(HttpResponse(row.signed, content_type=signing.MEDIA_TYPE))


def _counting(code: str) -> Certificate:
    certificate = certificates.find_public(code)
    if certificate is None or certificate.status != CertificateStatus.VALID:
        raise Http404("There is no certificate of this code that counts.")
    return certificate


def _read(document: Document | None) -> bytes:
    if document is None:
        raise Http404("It is not made yet.")
    try:
        return archive.read(document)
    except ArchiveError as problem:
        raise Http404("The archive cannot give this file.") from problem


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)


def _for_machines(response: HttpResponse) -> HttpResponse:
    # Wallets in a browser ask from their own site; there is nothing here that is not for everybody.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _is_too_fast(request: HttpRequest) -> bool:
    return is_too_fast(request, "verify", LOOKS_PER_HOUR)


def _slow_down(request: HttpRequest) -> HttpResponse:
    response = render(request, "students/public/slow_down.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(HOUR)
    return response
