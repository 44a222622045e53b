"""Text fields in which a person signs: no machine writes there, whatever the field's type says."""

import re

SIGNATURE = re.compile(r"\bsignatures?\b|\bsign (?:here|below)\b|\be ?sign\b", re.IGNORECASE)
# “Date of the employee's signature”, “Signature date”: the date is no signature.
DATE = re.compile(r"\bdated?\b.{0,80}\bsignature\b|\bsig(?:nature)? date\b|\bdate signed\b", re.IGNORECASE)
# “Name of the person whose signature appears”: the name is none; but “name and signature” is.
ABOUT = re.compile(r"\b(?:name|title|phone|telephone|address|e ?mail)\b(?:(?!\band\b).){1,80}$", re.IGNORECASE)
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
SEPARATOR = re.compile(r"[\W_]+|(?<=\D)(?=\d)")
SENTENCE = re.compile(r"[.;:!?]\s+")
MOST = 2000


def is_for_signing(name: str, *labels: str) -> bool:
    """Whether a field's own name, or one of its labels, says that a person signs there.

    >>> is_for_signing("Page1.employeeSignature[0]"), is_for_signing("Text7", "Signature date (mm/dd/yyyy)")
    (True, False)
    """
    return any(_tells(text[-MOST:]) for text in (name.rpartition(".")[2], *labels))


def _tells(text: str) -> bool:
    sentences = (SEPARATOR.sub(" ", HUMP.sub(" ", sentence)) for sentence in SENTENCE.split(text))
    return any(_asks(sentence) for sentence in sentences)


def _asks(sentence: str) -> bool:
    signature = SIGNATURE.search(sentence)
    if signature is None or DATE.search(sentence):
        return False
    return not ABOUT.search(sentence[: signature.start()])
