"""The files a document may use: what ships beside this module, and nothing else."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent
FONTS = ROOT / "fonts"
SCHEME = "asset:"
MEDIA_TYPES = {".ttf": "font/ttf", ".svg": "image/svg+xml", ".png": "image/png", ".css": "text/css"}


class ForbiddenAsset(Exception):
    """The document asks for something that is not an asset of ours."""


def locate(url: str) -> Path:
    """Return the file that an address such as `asset:fonts/PublicSans-Bold.ttf` names.

    The message of the error leaves the address out, because it may hold personal data.

    Raises ForbiddenAsset for every other scheme, for what lies outside our folder and for other kinds of files.
    """
    scheme, colon, path = url.partition(":")
    if f"{scheme.lower()}{colon}" != SCHEME:
        raise ForbiddenAsset(f"The document asks for an address that is not an asset of ours ({scheme[:10]!r}).")
    file = (ROOT / path).resolve()
    if not file.is_relative_to(ROOT) or file.suffix not in MEDIA_TYPES or not file.is_file():
        raise ForbiddenAsset("The document asks for an asset that we do not have.")
    return file
