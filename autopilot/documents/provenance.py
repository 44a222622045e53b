"""What a PDF was made of, so that it can be made again and explained years later."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from django.template import Template, loader
from django.template.base import Node
from django.template.loader_tags import ExtendsNode, IncludeNode

from autopilot.documents import assets

STYLESHEET = "pdf/base.css"


@dataclass(frozen=True)
class Provenance:
    """The template, the program and the fonts behind a PDF."""

    template: str = ""
    template_digest: str = ""
    renderer: str = ""
    fonts_digest: str = ""


def of(template_name: str) -> Provenance:
    """Return what a PDF made now from a template is made of; its digest covers the style sheet and all it extends."""
    sources = _sources(template_name) | _sources(STYLESHEET)
    named = "".join(f"{name}\0{sources[name]}\0" for name in sorted(sources))
    digest = hashlib.sha256(named.encode()).hexdigest()
    return Provenance(template_name, digest, f"WeasyPrint {version('weasyprint')}", fonts_digest())


def source(template_name: str) -> str:
    """Return the text of a template as it is written."""
    return str(_template(template_name).source)


@cache
def fonts_digest() -> str:
    """Return the SHA-256 over the names and bytes of our fonts."""
    digest = hashlib.sha256()
    for file in sorted(assets.FONTS.glob("*.ttf")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _sources(template_name: str) -> dict[str, str]:
    template = _template(template_name)
    sources = {template_name: str(template.source)}
    for node in template.nodelist.get_nodes_by_type(Node):
        if other := _other_template(node):
            sources |= _sources(other)
    return sources


def _other_template(node: Node) -> str:
    """Return the name of the template a tag brings in; a name known only at rendering cannot be followed."""
    if not isinstance(node, ExtendsNode | IncludeNode):
        return ""
    name = getattr(node.parent_name if isinstance(node, ExtendsNode) else node.template, "var", None)
    return str(name) if isinstance(name, str) else ""


def _template(template_name: str) -> Template:
    template: Template = loader.get_template(template_name).template  # type: ignore[attr-defined]  # only the protocol is typed
    return template
