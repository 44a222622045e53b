"""Text fields in which a person signs: no machine writes there, whatever the field's type says."""

import re

SIGNATURE = re.compile(r"\bsignatures?\b|\bsign (here|below)\b|\bsigned by\b|\be ?sign\b", re.IGNORECASE)
# “Date of the employee's signature”, “Signature date”: the date is no signature.
DATE_OF_SIGNATURE = re.compile(r"\bdated?\b.{0,80}\bsignature\b|\bsig(nature)? date\b|\bdate signed\b", re.IGNORECASE)
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
SEPARATOR = re.compile(r"[\W_]+|(?<=\D)(?=\d)")
MOST = 2000


def is_for_signing(name: str, *labels: str) -> bool:
    """Whether a field's own name, or one of its labels, says that a person signs there.

    >>> is_for_signing("Page1.employeeSignature[0]"), is_for_signing("Text7", "Signature date (mm/dd/yyyy)")
    (True, False)
    """
    return any(_tells(text[-MOST:]) for text in (name.rpartition(".")[2], *labels))


def _tells(text: str) -> bool:
    words = SEPARATOR.sub(" ", HUMP.sub(" ", text))
    return bool(SIGNATURE.search(words)) and not DATE_OF_SIGNATURE.search(words)
