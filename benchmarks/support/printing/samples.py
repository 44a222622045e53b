"""The documents that are printed: of each type its sample, with a number of its own in every copy."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.template import loader

from autopilot.document_types import language, producing, recipes, types, values
from autopilot.documents import assets, glyphs, provenance

CREATED = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHEET = "pdf/typed.html"
SHIPPED = ""  # no version of staff's: what this code brings along, and no database is asked


@dataclass(frozen=True)
class Sample:
    """A type of document with one context for it."""

    slug: str

    def context(self, number: int) -> dict[str, Any]:
        """Return the sample's context under a number."""
        kind = types.named(self.slug)
        context = dict(kind.sample)
        for name in ("reference", "number"):
            if isinstance(context.get(name), str):
                context[name] = f"{context[name]}-{number:04}"
        return context

    def title(self, number: int) -> str:
        """Return what the document is called."""
        return f"{types.named(self.slug).title} {number:04}"

    def ours(self, number: int) -> bytes:
        """Print it as Provost does: from its context to the bytes, in the limited child."""
        kind = types.named(self.slug)
        taken = values.checked(kind.fields, self.context(number))
        recipe = recipes.recorded(kind, SHIPPED)
        return producing.printed(kind, recipe, taken, title=self.title(number), created=CREATED)

    def page(self, number: int) -> str:
        """Return the page of HTML that is printed, its style sheet and fonts within reach of any browser."""
        kind = types.named(self.slug)
        taken, title = values.checked(kind.fields, self.context(number)), self.title(number)
        template = language.compiled(recipes.recorded(kind, SHIPPED).source, kind.schema)
        body = language.written(template, {**taken, "title": title, "created": CREATED.date()})
        sheet = {"body": body, "paper": kind.paper, "reference": taken.get("reference", ""), "title": title}
        html = glyphs.fold(loader.render_to_string(SHEET, {**sheet, "created": CREATED}))
        style = f"<style>{provenance.source(provenance.STYLESHEET)}</style></head>"
        return html.replace("</head>", style, 1).replace(assets.SCHEME, f"{assets.ROOT.as_uri()}/")
