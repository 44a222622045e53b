"""Turn an address a caller wrote into one that may be called: its host listed, its network address looked up once."""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from autopilot.outbound.addresses import is_inside, is_public
from autopilot.outbound.errors import Forbidden, NeverSent

WRITTEN = re.compile(r"https?://[!-\[\]-~]+")  # printable ASCII without the backslash, which browsers read as a slash
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """Where a request goes: `addresses` are the only ones that will be tried, in their order."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def find_target(url: str) -> Target:
    """Return where `url` leads, after the lists of hosts and the address rules allowed it.

    OUTBOUND_HOSTS names hosts of the public internet, reached by https only. OUTBOUND_PRIVATE_HOSTS names those that
    may be this machine or a private network, and may speak plain http. An entry is `host`, for the scheme's own port,
    or `host:port`. Raises Forbidden, or NeverSent when the name cannot be looked up.
    """
    parts, port = _split(url)
    host = (parts.hostname or "").removesuffix(".")
    private = _is_listed(parts.scheme, host, port, settings.OUTBOUND_PRIVATE_HOSTS)
    if not private and not _is_listed(parts.scheme, host, port, settings.OUTBOUND_HOSTS):
        raise Forbidden(f"{host}:{port} is not among OUTBOUND_HOSTS. Add it there if it may be called.")
    if parts.scheme != "https" and not private:
        raise Forbidden(f"{host} must be called by https.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, _addresses(host, port, private=private))


def _split(url: str) -> tuple[SplitResult, int]:
    if not WRITTEN.fullmatch(url):
        raise Forbidden("An address to call starts with http:// or https:// and has no blanks or special characters.")
    try:
        parts = urlsplit(url)
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise Forbidden("The address to call cannot be read.") from error
    if "@" in parts.netloc or parts.fragment:
        raise Forbidden("An address to call carries no user, password or fragment.")
    return parts, port


def _is_listed(scheme: str, host: str, port: int, entries: Sequence[str]) -> bool:
    written = f"[{host}]" if ":" in host else host
    listed = {entry.lower() for entry in entries}
    return f"{written}:{port}" in listed or (written in listed and port == PORTS[scheme])


def _addresses(host: str, port: int, *, private: bool) -> tuple[str, ...]:
    found = _look_up(host, port)
    for address in map(ip_address, found):
        if not (is_public(address) or (private and is_inside(address))):
            raise Forbidden(f"{host} leads to an address that may not be called.")
    return found


def _look_up(host: str, port: int) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NeverSent(f"The name {host} could not be looked up.") from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))
