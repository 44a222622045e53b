"""Every type of document there is prints by its shipped template as the law of archives and of accessibility asks."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autopilot import document_types
from autopilot.document_types import Paper, language, samples
from autopilot.document_types.fields import Kind
from autopilot.documents import process
from tests.autopilot.documents import conformance
from tests.autopilot.documents.samples import opened

pytestmark = [pytest.mark.django_db, pytest.mark.once]
CREATED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
TYPES = {kind.slug: kind for kind in document_types.declared()}
each_type = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)


def test_there_are_the_types_that_the_network_needs():
    assert set(TYPES) >= {
        "certificate", "credit_note", "enrollment_agreement", "invoice", "mou", "packet", "progress_report",
        "remittance", "state_form_cover", "statement",
    }  # fmt: skip


@each_type
def test_its_template_is_in_the_language_that_staff_may_write(kind):
    template = language.compiled(kind.default_source, kind.schema)

    assert template.source == kind.default_source


@each_type
def test_its_template_prints_every_field(kind):
    unused = [name for name in kind.fields if name not in kind.default_source]

    assert unused == []


@each_type
def test_it_makes_the_same_bytes_in_another_process(kind):
    first = samples.sample_pdf(kind, created=CREATED)
    process.shared.close()

    assert samples.sample_pdf(kind, created=CREATED) == first


def test_each_is_pdf_a_3a_and_pdf_ua_1_with_all_its_fields_and_with_none(tmp_path: Path):
    files = []
    for slug, kind in TYPES.items():
        sparse = {name: None if field.optional else kind.sample[name] for name, field in kind.fields.items()}
        sparse |= {name: [] for name, field in kind.fields.items() if field.kind is Kind.ROWS}
        for name, context in {"full": kind.sample, "sparse": sparse}.items():
            file = tmp_path / f"{slug}-{name}.pdf"
            file.write_bytes(samples.sample_pdf(kind, created=CREATED, context=context))
            files.append(file)

    assert conformance.broken(files) == []


def test_a_certificate_of_long_names_stays_on_one_page():
    [kind] = [each for each in TYPES.values() if each.paper is Paper.CERTIFICATE]
    long = {
        "student_name": "Maximiliana Alexandrina Featherstonehaugh-Montgomery of Wolverhampton",
        "achievement": "Heating, Ventilation, Air Conditioning and Refrigeration",
        "credential": "EPA Section 608 Universal Technician, and NATE Ready-to-Work Certificate",
        "holder_name": "The Greater Indianapolis Institute for Building Trades and Apprenticeship, Incorporated",
    }

    with opened(samples.sample_pdf(kind, created=CREATED, context={**kind.sample, **long})) as pdf:
        assert len(pdf.pages) == 1
