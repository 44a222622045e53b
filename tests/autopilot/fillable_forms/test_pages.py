"""What a reviewer sees of a filled form."""

import pytest

from autopilot.documents import archive, pages
from autopilot.fillable_forms.filling import fill
from autopilot.tenants import NETWORK
from tests.autopilot.fillable_forms.paper import Paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def archive_root(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path


def test_it_shows_the_values_on_the_page():
    paper = Paper()
    paper.add("name")
    blank = paper.content()

    documents = [
        archive.store(content, media_type=pages.PDF, title="A form", tenant_id=NETWORK)
        for content in (blank, fill(blank, {"name": "Łukasz"}).pdf)
    ]

    first, second = (pages.picture(document, 1) for document in documents)
    assert first != second
