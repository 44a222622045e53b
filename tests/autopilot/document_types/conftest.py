"""A small type of document for tests, with every kind of field."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from autopilot import document_types
from autopilot.document_types import DocumentType, types

CREATED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
FIELDS = {
    "name": document_types.text("Name"),
    "note": document_types.text("Note", optional=True),
    "due_on": document_types.date("Due"),
    "total": document_types.money("Total"),
    "hours": document_types.number("Hours"),
    "member": document_types.yes_no("Member"),
    "lines": document_types.rows(
        "Lines",
        {
            "what": document_types.text("What"),
            "parts": document_types.rows("Parts", {"part": document_types.text("Part")}),
        },
    ),
}
SAMPLE = {
    "name": "Łukasz & Nguyễn",
    "note": None,
    "due_on": date(2026, 12, 20),
    "total": Decimal("1234.5"),
    "hours": Decimal("62.50"),
    "member": True,
    "lines": [{"what": "Welding", "parts": [{"part": "Rods"}, {"part": "Gas"}]}, {"what": "Fitting", "parts": []}],
}
SOURCE = """<h1>{{ title }}</h1>
<p>{{ name }}, {{ due_on|date }}, {{ total|money }}, {{ hours|number }} hours, {{ member|yesno:"member,guest" }}</p>
{% for line in lines %}<p>{{ forloop.counter }}. {{ line.what }}{% for part in line.parts %}, {{ part.part }}{% endfor %}</p>{% endfor %}
"""


@pytest.fixture
def kind(settings, tmp_path) -> Iterator[DocumentType]:
    """A declared type `slip` with its shipped template."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "slip.html").write_text(SOURCE)
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    yield document_types.declare(DocumentType("slip", "Slip", FIELDS, SAMPLE))
    types._declared.pop("slip")
