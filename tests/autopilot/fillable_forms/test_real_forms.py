"""Agencies' real forms, every field of them: nothing here is tuned to one, and others are used for acceptance.

The forms stand beside the checkout and are not part of it.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autopilot.fillable_forms import cautions, desk, shapes
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.shapes import Field
from tests.autopilot.fillable_forms.eyes import ENGINES, changed, fields_of, text_of

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "forms"
FILLABLE = ("uscis_i-9.pdf", "f13614c-TY2025.pdf")
NAME = "Łukasz Nguyễn"
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"The real forms are not beside the checkout: {FOLDER}"),
]


@cache
def filled(name: str) -> tuple[bytes, dict[str, Any], shapes.Filled]:
    """Fill every field of a form with something plausible."""
    content = (FOLDER / name).read_bytes()
    values = {field.name: plausible(field) for field in desk.examine(content).fields}
    return content, values, desk.fill(content, values)


def plausible(field: Field) -> Any:
    """Return a value for a field that a person might give."""
    match field.type:
        case shapes.CHECKBOX | shapes.RADIO:
            return field.marks[0]
        case shapes.COMBO | shapes.LIST:
            return field.options[-1].value
    return "900123456789"[: field.max_length] if field.max_length else NAME


@pytest.mark.parametrize("name", FILLABLE)
def test_it_accepts_all_but_what_people_sign_and_what_does_not_fit(name):
    _, values, result = filled(name)

    reasons = {each.reason for each in result.refused}
    assert reasons <= {"signature", "overflow", "not_fillable"}
    assert result.filled + len(result.refused) == len(values)
    assert result.filled > 0.85 * len(values)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FILLABLE)
def test_every_accepted_value_is_seen_at_its_place(name, engine):
    content, values, result = filled(name)
    fields, refused = fields_of(content), {each.field for each in result.refused}

    unseen = [
        field
        for field in values
        if field not in refused
        for widget in fields[field].widgets
        if widget.shown and not changed(engine, content, result.pdf, widget)
    ]

    assert unseen == []


@pytest.mark.parametrize("name", FILLABLE)
def test_every_accepted_value_is_in_the_file_and_no_refused_one(name):
    content, values, result = filled(name)
    before, after = fields_of(content), fields_of(result.pdf)
    refused = {each.field for each in result.refused}

    assert {each: after[each].value for each in values if each not in refused} == {
        each: value for each, value in values.items() if each not in refused
    }
    assert {each: after[each].value for each in refused} == {each: before[each].value for each in refused}
    written = sum(values[each] == NAME for each in values if each not in refused)
    assert text_of(result.pdf).count(NAME) >= written


@pytest.mark.parametrize("name", FILLABLE)
def test_it_gives_the_same_bytes_again(name):
    content, values, result = filled(name)

    assert desk.fill(content, values).pdf == result.pdf


def test_it_reads_edition_and_expiry_of_the_i_9():
    triage = desk.examine((FOLDER / FILLABLE[0]).read_bytes()).triage

    assert (triage.edition, triage.expires, triage.usage_rights, triage.javascript) == (
        "08/01/23",
        "07/31/2026",
        True,
        True,
    )
    assert cautions.has_expired(triage, date(2026, 8, 1))


def test_it_warns_of_a_hybrid_form():
    triage = desk.examine((FOLDER / FILLABLE[1]).read_bytes()).triage

    assert (triage.kind, triage.edition, triage.tagged) == ("hybrid_xfa", "10-2025", True)


def test_it_refuses_the_form_that_lost_fields():
    content = (FOLDER / "irs_fw9_resaved_orphan_widgets.pdf").read_bytes()

    triage = desk.examine(content).triage
    with pytest.raises(FormUnusable) as refusal:
        desk.fill(content, {})

    assert (triage.refusal, len(triage.names)) == ("orphan_widgets", 10)
    assert refusal.value.reason == "orphan_widgets"
    assert "10 of 23" in str(refusal.value)


def test_it_fills_one_comb_of_the_i_9_to_the_last_cell():
    content = (FOLDER / FILLABLE[0]).read_bytes()

    result = desk.fill(content, {"US Social Security Number": "900123456"})

    assert "900123456" in text_of(result.pdf)
    (refused,) = desk.fill(content, {"US Social Security Number": "900-12-3456"}).refused
    assert (refused.field, refused.reason) == ("US Social Security Number", "too_long")
