"""What the tests of documents share: templates of their own, and renderers with short patience."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autopilot.documents.limits import Limits
from autopilot.documents.process import Renderer

TEMPLATES = Path(__file__).parent / "templates"
CREATED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
Press = Callable[..., bytes]


@pytest.fixture(autouse=True)
def templates(settings) -> None:
    """Let `sample.html` and its neighbors be found."""
    changed = copy.deepcopy(settings.TEMPLATES)
    changed[0]["DIRS"] = [*changed[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = changed


@pytest.fixture(scope="session")
def impatient() -> Iterator[Renderer]:
    """A renderer that gives a document up after about a second of processor time."""
    renderer = Renderer(Limits(wall_seconds=60, cpu_seconds=1, pages=50))
    yield renderer
    renderer.close()


@pytest.fixture
def press(impatient: Renderer) -> Press:
    """Print HTML as it is, without a template."""

    def make(body: str, *, style: str = "", title: str = "A page") -> bytes:
        html = f"<!DOCTYPE html><html lang='en'><head><title>A page</title></head><body>{body}</body></html>"
        faces = '@font-face { font-family: "Public Sans"; src: url("asset:fonts/PublicSans-Regular.ttf") }'
        style = f'{faces} html {{ font-family: "Public Sans" }} {style}'
        return impatient.render({"html": html, "stylesheet": style, "title": title, "created": "2026-11-20T15:30:00Z"})

    return make
