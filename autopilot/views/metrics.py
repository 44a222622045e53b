"""The door of the metrics: for who knows the token."""

from hmac import compare_digest
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from autopilot import metrics

SCHEME = "Bearer "


@never_cache
@require_safe
def expose(request: HttpRequest) -> HttpResponse:
    """Answer with the metrics; 404 while METRICS_TOKEN is not set, 401 to who does not send it as a bearer token."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _knows_token(request):
        text = "Send the token of METRICS_TOKEN: Authorization: Bearer ...\n"
        refusal = HttpResponse(text, status=HTTPStatus.UNAUTHORIZED, content_type="text/plain; charset=utf-8")
        refusal["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _knows_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return compare_digest(given.encode(), f"{SCHEME}{settings.METRICS_TOKEN}".encode())
