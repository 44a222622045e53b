"""The organization's seal on a finished PDF: a PAdES signature (ETSI EN 319 142-1, level B-B) over the whole file.

It says that the file is the one the network finished, and shows every later change. It is not the signature of the
people who agreed: their evidence stands inside the file.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from autopilot.documents import certificates
from autopilot.documents.errors import SealError

FIELD = "OrganizationSeal"


@dataclass(frozen=True)
class SealReport:
    """What a look at a file's seal found."""

    intact: bool  # the sealed bytes are the ones that were sealed
    valid: bool  # the seal is by the key of its certificate
    trusted: bool  # the certificate is one of ours
    whole: bool  # the seal covers the whole file, and nothing was added behind it
    signer: str
    sealed_at: datetime | None

    @property
    def is_good(self) -> bool:
        """Whether all of it is so."""
        return self.intact and self.valid and self.trusted and self.whole


def seal(content: bytes, *, reason: str) -> bytes:
    """Return a PDF with the organization's seal; what it said before stays byte for byte at its beginning.

    `reason` stands in the seal. Raises SealUnavailable where there is no certificate yet.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 (slow to start)
    from pyhanko.sign import fields, signers  # noqa: PLC0415 (slow to start)

    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason=reason
    )
    signer = signers.PdfSigner(
        metadata, signer=certificates.signer(), new_field_spec=fields.SigFieldSpec(FIELD, empty_field_appearance=True)
    )
    out = BytesIO()
    _apart(lambda: signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), output=out))
    return out.getvalue()


def inspect(content: bytes) -> SealReport:
    """Return what the seal of a file is worth now; raises SealError for a file that has none or cannot be read."""
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 (slow to start)
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 (slow to start)

    try:
        reader = PdfFileReader(BytesIO(content))
        found = [each for each in reader.embedded_signatures if each.field_name == FIELD]
        if not found:
            raise SealError("This file bears no seal of ours.")
        return _report(found[0])
    except (PdfError, ValueError) as error:
        raise SealError("This file cannot be read any more; it is not the file that was sealed.") from error


def _report(signature: Any) -> SealReport:
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415 (slow to start)
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415 (slow to start)
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415 (slow to start)

    context = ValidationContext(trust_roots=certificates.trusted(), allow_fetching=False)
    status = _apart(lambda: validate_pdf_signature(signature, context))
    return SealReport(
        intact=bool(status.intact),
        valid=bool(status.valid),
        trusted=bool(status.trusted),
        whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        signer=str(status.signing_cert.subject.human_friendly),
        sealed_at=signature.self_reported_timestamp,
    )


def _apart(do: Callable[[], Any]) -> Any:
    """Return what a function returns in a thread of its own: pyHanko starts an event loop, and there may be one here."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(do).result()
