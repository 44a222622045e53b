"""What a web request tells about where it came from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from autopilot.engine import Origin


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
    """Return where a decision came from, for its record."""
    return Origin(channel=channel, ip=client_address(request), user_agent=request.headers.get("User-Agent", ""))
