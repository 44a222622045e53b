"""Every address of the site, as the resolver knows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>")


@dataclass(frozen=True)
class Route:
    """One address: its name with its namespaces, or its pattern where it has no name, and its parameters."""

    name: str
    pattern: str
    parameters: tuple[str, ...]

    def filled(self, values: dict[str, Any]) -> str:
        """Return the address with these values in place of its parameters."""
        text = self.pattern
        for regex in re.findall(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", text):
            text = text.replace(regex, f"<{PARAMETER.search(regex)[2]}>")
        path = PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), text)
        return "/" + re.sub(r"[\^$]|\\Z", "", path).replace("\\.", ".")


def routes() -> list[Route]:
    """Return every address there is."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], namespace: str, prefix: str) -> Iterator[Route]:
    for each in patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, namespace + (f"{each.namespace}:" if each.namespace else ""), pattern)
        elif isinstance(each, URLPattern):
            parameters = tuple(one or other for one, other in PARAMETER.findall(pattern))
            yield Route(namespace + (each.name or pattern), pattern, parameters)
