"""What kind of document something is."""

import pytest

from autopilot.documents.kinds import kind_of, label_of
from autopilot.models import Document

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("template", "kind", "label"),
    [
        ("documents/mou.html", "mou", "MOU"),
        ("mou, version 3", "mou", "MOU"),
        ("documents/credit_note.html", "credit_note", "Credit note"),
        ("programs/pdf/packet.html", "packet", "Packet"),
        ("state_form", "state_form", "Form"),
        ("documents/letter_of_thanks.html", "letter_of_thanks", "Letter of thanks"),
        ("", "upload", "Upload"),
    ],
)
def test_it_knows_the_kind_by_the_template(template, kind, label):
    document = Document(template=template)

    assert (kind_of(document), label_of(document)) == (kind, label)
