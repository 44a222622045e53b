"""What a document may use."""

import pytest

from autopilot.documents import assets, provenance

pytestmark = pytest.mark.once


def test_it_finds_a_font():
    assert assets.locate("asset:fonts/PublicSans-Bold.ttf") == assets.FONTS / "PublicSans-Bold.ttf"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "fonts/PublicSans-Bold.ttf",
        "asset:",
        "asset:fonts",
        "asset:fonts/None.ttf",
        "asset:fonts/OFL.txt",
        "asset:pdf.py",
        "asset:/etc/passwd",
        "asset:../../templates/pdf/base.css",
        "asset:%2e%2e/models/documents.py",
        "asset://host/fonts/PublicSans-Bold.ttf",
        "file:///etc/passwd",
        "https://example.org/fonts/PublicSans-Bold.ttf",
    ],
)
def test_it_refuses_everything_else(url):
    with pytest.raises(assets.ForbiddenAsset):
        assets.locate(url)


def test_the_style_sheet_names_every_font_and_picture():
    style = provenance.source(provenance.STYLESHEET)

    for file in [*assets.FONTS.glob("*.ttf"), *(assets.ROOT / "images").iterdir()]:
        assert f"asset:{file.relative_to(assets.ROOT).as_posix()}" in style


def test_the_license_stands_beside_the_fonts():
    assert "SIL OPEN FONT LICENSE" in (assets.FONTS / "OFL.txt").read_text()
