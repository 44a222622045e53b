"""What a signer consents to, word for word; the version and the digest are evidence, so texts are added, never edited.

The points are those of 15 U.S.C. 7001(c)(1): the right to paper, the right to withdraw and its consequences, the scope,
how to withdraw and to keep one's address current, how to get a paper copy, and what one needs to read and keep records.
"""

from autopilot.storable import digest

VERSION = "2026-11"

TEXTS = {
    VERSION: (
        "I agree to read and to sign this agreement electronically. My typed name and my click on the button “Sign” are "
        "my signature, with the same effect as one on paper.",
        "My consent covers this version of this agreement, its amendments, and notices about them. It covers nothing else.",
        "I may sign on paper instead, at no charge: download the document, sign it by hand, and send it to us.",
        "I may withdraw my consent at any time before both parties have signed, by declining the agreement or by writing "
        "to us. What was signed before stays valid. There is no fee.",
        "I may have a paper copy of what I signed, at no charge, by writing to us.",
        "To read and keep the agreement I need a current web browser, a program that shows PDF files, an e-mail address, "
        "and a place to store or print files. I can open the document on this page, so I have them.",
        "I keep the e-mail address of my account current, and write to you when it changes.",
        "I am authorized to sign this agreement for the organization that I name.",
    )
}


def text_of(version: str) -> tuple[str, ...]:
    """Return the statements of a version; raises KeyError for one that never was."""
    return TEXTS[version]


def digest_of(version: str) -> str:
    """Return the SHA-256 of the statements of a version, in hexadecimal."""
    return digest({"version": version, "statements": TEXTS[version]})
