"""What a PDF was made of."""

import pytest

from autopilot.documents import provenance

pytestmark = pytest.mark.once


@pytest.fixture
def written(settings, tmp_path):
    """Write templates that can be found; each is `{% extends %}`-ed by name."""
    changed = [settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]

    def write(**templates: str) -> None:
        for name, text in templates.items():
            (tmp_path / f"{name}.html").write_text(text)
        settings.TEMPLATES = list(changed)

    return write


def test_it_names_template_program_and_fonts():
    made_of = provenance.of("sample.html")

    assert made_of.template == "sample.html"
    assert made_of.renderer == "WeasyPrint 70.0"
    assert len(made_of.template_digest) == len(made_of.fonts_digest) == 64


def test_it_is_the_same_twice():
    assert provenance.of("sample.html") == provenance.of("sample.html")


@pytest.mark.parametrize("changed", ["top", "middle", "part"])
def test_its_digest_changes_with_every_template_that_takes_part(written, changed):
    templates = {
        "top": '{% extends "middle.html" %}{% block body %}{% if x %}{% include "part.html" %}{% endif %}{% endblock %}',
        "middle": "<p>{% block body %}{% endblock %}</p>",
        "part": "<b>a part</b>",
    }
    written(**templates)
    before = provenance.of("top.html").template_digest

    written(**templates | {changed: templates[changed] + "<!-- changed -->"})

    assert provenance.of("top.html").template_digest != before


def test_it_passes_over_a_template_named_only_at_rendering(written):
    written(top="{% include some_variable %}")

    assert provenance.of("top.html").template == "top.html"
