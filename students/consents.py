"""What a student reads and acknowledges before signing, word for word. The version and the digest are evidence, so texts
are added and never edited.

The disclosure has the points of 15 U.S.C. 7001(c)(1). The notice is that of 29 CFR 38.35, whose wording is prescribed. The
consent names the records, the purpose and who receives them, as 34 CFR 99.30(b) asks.
"""

from autopilot.storable import digest

VERSION = "2026-11"
DISCLOSURE, NOTICE, FERPA = "disclosure", "notice", "ferpa"

_DISCLOSURE = (
    "I agree to read and to sign my enrollment agreement electronically. My typed name and my click on “Sign” are my "
    "signature, with the same effect as one on paper.",
    "My consent covers this agreement, and notices about it. It covers nothing else.",
    "I may sign on paper instead, at no charge: I ask my school for a copy, sign it by hand, and give it back.",
    "I may take my consent back at any time before I sign, by leaving this page, and later by writing to my school. What I "
    "signed before stays valid. There is no fee, and I lose nothing else by it.",
    "I may have a paper copy of what I signed, at no charge, by asking my school.",
    "To read and keep the agreement I need a current web browser, a program that shows PDF files, an e-mail address, and a "
    "place to store or print files. I can open the agreement on this page, so I have them.",
    "I keep the e-mail address of my account current, and tell my school when it changes.",
)
_NOTICE = (
    "It is against the law for this recipient of Federal financial assistance to discriminate on the following bases: "
    "against any individual in the United States, on the basis of race, color, religion, sex (including pregnancy, "
    "childbirth, and related medical conditions, sex stereotyping, transgender status, and gender identity), national "
    "origin (including limited English proficiency), age, disability, or political affiliation or belief, or, against any "
    "beneficiary of, applicant to, or participant in programs financially assisted under Title I of the Workforce "
    "Innovation and Opportunity Act, on the basis of the individual’s citizenship status or participation in any WIOA "
    "Title I-financially assisted program or activity.",
    "The recipient must not discriminate in any of the following areas: deciding who will be admitted, or have access, to "
    "any WIOA Title I-financially assisted program or activity; providing opportunities in, or treating any person with "
    "regard to, such a program or activity; or making employment decisions in the administration of, or in connection "
    "with, such a program or activity.",
    "Recipients of federal financial assistance must take reasonable steps to ensure that communications with individuals "
    "with disabilities are as effective as communications with others. This means that, upon request and at no cost to the "
    "individual, recipients are required to provide appropriate auxiliary aids and services to qualified individuals with "
    "disabilities.",
    "What To Do If You Believe You Have Experienced Discrimination. If you think that you have been subjected to "
    "discrimination under a WIOA Title I-financially assisted program or activity, you may file a complaint within 180 days "
    "from the date of the alleged violation with either: the recipient’s Equal Opportunity Officer (or the person whom the "
    "recipient has designated for this purpose); or the Director, Civil Rights Center (CRC), U.S. Department of Labor, 200 "
    "Constitution Avenue NW., Room N-4123, Washington, DC 20210 or electronically as directed on the CRC Web site at "
    "www.dol.gov/crc.",
    "If you file your complaint with the recipient, you must wait either until the recipient issues a written Notice of "
    "Final Action, or until 90 days have passed (whichever is sooner), before filing with the Civil Rights Center (see "
    "address above). If the recipient does not give you a written Notice of Final Action within 90 days of the day on which "
    "you filed your complaint, you may file a complaint with CRC before receiving that Notice. However, you must file your "
    "CRC complaint within 30 days of the 90-day deadline (in other words, within 120 days after the day on which you filed "
    "your complaint with the recipient). If the recipient does give you a written Notice of Final Action on your complaint, "
    "but you are dissatisfied with the decision or resolution, you may file a complaint with CRC. You must file your CRC "
    "complaint within 30 days of the date on which you received the Notice of Final Action.",
)
_FERPA = (
    "My school, and the network it belongs to, may give records of my enrollment, attendance, progress and credentials to "
    "the workforce agencies that pay for my training or report on it, so that they can pay for it and report on it "
    "(20 U.S.C. 1232g; 34 CFR 99.30).",
    "I need not agree, and I may take this back in writing at any time. What was given before stays given.",
)

TEXTS: dict[str, dict[str, tuple[str, ...]]] = {
    DISCLOSURE: {VERSION: _DISCLOSURE},
    NOTICE: {VERSION: _NOTICE},
    FERPA: {VERSION: _FERPA},
}


def text_of(name: str, version: str = VERSION) -> tuple[str, ...]:
    """Return the paragraphs of a text in a version; raises KeyError for one that never was."""
    return TEXTS[name][version]


def digest_of(name: str, version: str) -> str:
    """Return the SHA-256 of a text in a version, in hexadecimal."""
    return digest({"name": name, "version": version, "paragraphs": text_of(name, version)})
