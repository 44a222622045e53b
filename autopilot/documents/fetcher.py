"""WeasyPrint's door to the world, walled up: it opens to our own assets alone. Imported only by the renderer."""

from email.message import EmailMessage
from typing import Any

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from autopilot.documents import assets


class AssetFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Answer `asset:` addresses with files beside this module; end the rendering at any other address.

    `refusal` keeps the last such end, because WeasyPrint swallows it inside drawings (SVG) and prints on without.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("asset",), allow_redirects=False, fail_on_errors=True)
        self.refusal = ""

    def fetch(self, url: str, headers: EmailMessage | dict[str, Any] | None = None) -> URLFetcherResponse:
        """Return the asset; raise FatalURLFetchingError for anything else."""
        try:
            file = assets.locate(url)
        except assets.ForbiddenAsset as refusal:
            self.refusal = str(refusal)
            raise FatalURLFetchingError(self.refusal) from None
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": assets.MEDIA_TYPES[file.suffix]})
