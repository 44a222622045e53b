"""The executed file of an MOU: what was signed, the page of evidence and the seal keep the laws of archives together."""

from pathlib import Path

import pytest

from autopilot.documents import seals
from tests.autopilot.documents import conformance
from tests.programs.mous.people import countersign, sent_mou, sign
from tests.programs.mous.samples import content_of
from tests.programs.samples import holder, member_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_it_is_pdf_a_3a_and_pdf_ua_1_with_its_seal(tmp_path: Path):
    school = holder()
    owner, mou = member_of(school), sent_mou(school)
    sign(mou, owner)
    sealed = content_of(countersign(mou).executed_document)
    file = tmp_path / "executed.pdf"
    file.write_bytes(sealed)

    assert seals.inspect(sealed).is_good
    assert conformance.broken([file]) == []
