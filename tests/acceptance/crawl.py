"""Walk through the house by its links, as a person would who clicks everything once."""

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client

IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/)|(?<==)[^&]*|(?<=/)[0-9a-f]{32,64}(?=[/.])")
MOST_PAGES = 400


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a link leads, unless it is a download."""
        given = dict(attrs)
        if tag == "a" and given.get("href") and "download" not in given:
            self.found.append(str(given["href"]))


def pages(client: Client, *starts: str, within: tuple[str, ...] = ("/",)) -> dict[str, str]:
    """Return one address for each kind of page that links lead to, with its kind: the address without its ids.

    `starts` are where the walk begins, `within` the beginnings that an address must have. Of a list it looks at each
    filter and each order once, not at two together. Raises AssertionError for a link that leads nowhere.
    """
    kinds: dict[str, str] = {}
    waiting = deque((start, "the start") for start in starts)
    while waiting:
        assert len(kinds) < MOST_PAGES, f"The walk does not end: {sorted(kinds)}"
        address, origin = waiting.popleft()
        kind = IDENTIFIER.sub("*", address)
        if kind in kinds or not address.startswith(within) or "&" in address:
            continue
        response = client.get(address)
        assert response.status_code in (200, 302), f"{address}, linked from {origin}: {response.status_code}"
        kinds[kind] = address
        if response.status_code == 302:
            waiting.append((urljoin(address, response["Location"]), address))
        elif response["Content-Type"].startswith("text/html"):
            waiting.extend((link, address) for link in links_of(address, response.content.decode()))
    return {address: kind for kind, address in kinds.items()}


def links_of(address: str, html: str) -> list[str]:
    """Return the addresses within the house that a page at an address leads to."""
    parser = Links()
    parser.feed(html)
    absolute = [urlsplit(urldefrag(urljoin(f"http://house{address}", link)).url) for link in parser.found]
    return [each._replace(scheme="", netloc="").geturl() for each in absolute if each.netloc == "house"]
