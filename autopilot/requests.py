"""What a web request tells about where it came from."""

import re
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from autopilot.engine import Origin
from autopilot.identifiers import uuid7
from autopilot.trace import tracing

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
Respond = Callable[[HttpRequest], HttpResponse]


def trace_request(respond: Respond) -> Respond:
    """Middleware: give each request an id, its own if it brings a fit one, and let logs and deeds know it."""

    def traced(request: HttpRequest) -> HttpResponse:
        brought = request.headers.get("X-Request-ID", "")
        request_id = brought if REQUEST_ID.fullmatch(brought) else uuid7().hex
        with tracing(request_id=request_id, ip=client_address(request)):
            response = respond(request)
        response["X-Request-ID"] = request_id
        return response

    return traced


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the client: the right-most hop that none of our TRUSTED_PROXY_COUNT proxies wrote."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    hops.append(request.META.get("REMOTE_ADDR", ""))
    position = max(0, len(hops) - 1 - settings.TRUSTED_PROXY_COUNT)
    return _address(hops[position])


def _address(hop: str) -> str | None:
    try:
        return str(ip_address(hop))
    except ValueError:
        return None


def origin_of(request: HttpRequest, channel: str = "admin") -> Origin:
    """Return where a decision came from, for its record; the house says by `mfa_level` how its person signed in."""
    return Origin(
        channel=channel,
        ip=client_address(request),
        user_agent=request.headers.get("User-Agent", ""),
        mfa_level=getattr(request, "mfa_level", ""),
    )
