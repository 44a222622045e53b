"""The door for what portals tell us: signed messages, each taken once."""

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from autopilot import clock, signatures, submissions
from autopilot.models.portals import Portal, Submission
from autopilot.submissions import NoSecret

LARGEST = 64 * 1024  # bytes
NOTHING_HERE = "Nothing is known here under this address or packet."
CONTRADICTIONS = {"already_decided", "other_receipt", "number_taken", "other_bytes"}


@csrf_exempt  # the signature proves who speaks, and no cookie counts here
@require_POST
def take_callback(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a portal's signed message; a repetition is answered as the first one was, and changes nothing."""
    portal = Portal.objects.exclude(delivery=Portal.Delivery.MANUAL).filter(slug=slug).first()
    if portal is None:
        return _problem(HTTPStatus.NOT_FOUND, NOTHING_HERE)
    if len(request.body) > LARGEST:
        return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A message has at most {LARGEST} bytes.")
    try:
        secrets = submissions.secrets_of(portal)
        message_id = signatures.verify(secrets, request.headers, request.body, at=clock.now())
    except NoSecret:
        return _problem(HTTPStatus.NOT_FOUND, NOTHING_HERE)
    except signatures.BadSignature as error:
        return _problem(HTTPStatus.UNAUTHORIZED, str(error))
    return _take(portal, message_id, request.body)


def _take(portal: Portal, message_id: str, body: bytes) -> HttpResponse:
    try:
        submissions.receive_message(portal, message_id, body)
    except Submission.DoesNotExist:
        return _problem(HTTPStatus.NOT_FOUND, NOTHING_HERE)
    except ValidationError as error:
        contradicts = error.code in CONTRADICTIONS
        status = HTTPStatus.CONFLICT if contradicts else HTTPStatus.UNPROCESSABLE_ENTITY
        return _problem(status, " ".join(error.messages))
    return JsonResponse({"taken": True})


def _problem(status: HTTPStatus, detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")
