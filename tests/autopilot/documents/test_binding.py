"""Files bound together: every page can be read and reached, and what was put inside comes out again."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from autopilot.documents import binding
from tests.autopilot.documents.samples import paper

pytestmark = pytest.mark.once
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def bound():
    return binding.append(paper("Agreement", sections=40), paper("Certificate", sections=20))


def opened(content):
    return pikepdf.open(BytesIO(content))


def test_it_has_the_pages_of_both(bound):
    first, second = paper("Agreement", sections=40), paper("Certificate", sections=20)

    with opened(bound) as pdf, opened(first) as one, opened(second) as two:
        assert len(pdf.pages) == len(one.pages) + len(two.pages)


def test_every_page_has_its_part_of_one_structure_tree(bound):
    with opened(bound) as pdf:
        pages = {page.obj.objgen for page in pdf.pages}
        named: set[tuple[int, int]] = set()
        _walk(pdf.Root.StructTreeRoot, named)
        keys = [int(key) for key in list(pdf.Root.StructTreeRoot.ParentTree.Nums)[::2]]

        assert named == pages
        assert keys == [int(page.obj.StructParents) for page in pdf.pages]
        assert len(set(keys)) == len(keys)


def test_the_same_files_give_the_same_bytes(bound):
    assert binding.append(paper("Agreement", sections=40), paper("Certificate", sections=20)) == bound


def test_what_was_put_inside_comes_out_again(bound):
    files = {"signed.pdf": (b"the exact bytes", "application/pdf", "What was signed.")}

    content = binding.attach(bound, files, at=AT)

    assert binding.attached(content, "signed.pdf") == b"the exact bytes"
    with opened(content) as pdf:
        assert [str(each.AFRelationship) for each in pdf.Root.AF] == ["/Source"]
    assert binding.attach(bound, files, at=AT) == content


def _walk(element, named):
    if isinstance(element, pikepdf.Dictionary):
        if "/Pg" in element:
            named.add(element.Pg.objgen)
        _walk(element.get("/K"), named)
    elif isinstance(element, pikepdf.Array):
        for each in element:
            _walk(each, named)
