"""What can be checked about an application without asking anybody: pure rules, each with its source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from programs import classifications, codes
from programs.assurances import STATEMENTS
from programs.facts import ApplicationFacts, ProgramFacts

PASS, WARN, FAIL = "pass", "warn", "fail"
WHOLE_APPLICATION = 0
HOURS_EXPECTED = range(8, 4001)
COST_EXPECTED_AT_MOST = Decimal(60_000)
COST_PER_HOUR_EXPECTED_AT_MOST = Decimal(250)
STUDENTS_EXPECTED_AT_MOST = 5_000
OUR_BOUNDS = "Provost's bounds of what is usual, 2026-11-20"


@dataclass(frozen=True)
class Result:
    """What one check found. `position` is the number of the program it is about, or 0 for the whole application."""

    check: str
    title: str
    verdict: str
    reason: str
    action: str
    source: str
    position: int = WHOLE_APPLICATION
    internal: bool = False


@dataclass(frozen=True)
class Check:
    """One thing that is checked. What an internal check finds is shown to staff and never leaves the house."""

    code: str
    title: str
    source: str
    internal: bool = False

    def passes(self, reason: str, *, position: int = WHOLE_APPLICATION) -> Result:
        """Return a pass, with what was seen."""
        return self._result(PASS, reason, "", position)

    def warns(self, reason: str, action: str, *, position: int = WHOLE_APPLICATION) -> Result:
        """Return a warning, with what a person should look at."""
        return self._result(WARN, reason, action, position)

    def fails(self, reason: str, action: str, *, position: int = WHOLE_APPLICATION) -> Result:
        """Return a failure, with what must be mended."""
        return self._result(FAIL, reason, action, position)

    def _result(self, verdict: str, reason: str, action: str, position: int) -> Result:
        return Result(self.code, self.title, verdict, reason, action, self.source, position, self.internal)


EIN_FORMAT = Check("ein_format", "EIN format", "26 CFR 301.6109-1(a)(1)(ii): the form 00-0000000")
EIN_PREFIX = Check("ein_prefix", "EIN prefix", f"IRS list of assigned EIN prefixes, as of {codes.EIN_PREFIXES_AS_OF}")
EIN_ELSEWHERE = Check("ein_elsewhere", "EIN used once", "Applications on file in Provost", internal=True)
NAME_ELSEWHERE = Check("name_elsewhere", "Name and address used once", "Applications on file in Provost", internal=True)
SIMILAR = Check("similar", "No similar applicant", "Applications on file in Provost", internal=True)
MAILING_ADDRESS = Check("mailing_address", "Mailing address", "USPS Publication 28 and ZIP code areas")
SITE_ADDRESS = Check("site_address", "Training site", "USPS Publication 28 and ZIP code areas")
CONTACT_PHONE = Check("contact_phone", "Contact phone", "North American Numbering Plan: NXX-NXX-XXXX")
CONTACT_EMAIL = Check("contact_email", "Contact e-mail", "RFC 5321, section 2.3.5: a fully qualified domain")
EXPECTED_STUDENTS = Check("expected_students", "Expected students", OUR_BOUNDS)
ASSURANCES = Check("assurances", "Assurances", "29 CFR 38.25 and the assurances of this application form")
CIP = Check("cip", "CIP code", f"NCES Classification of Instructional Programs, {codes.CIP_EDITION} edition")
SOC = Check("soc", "Occupations", "BLS Standard Occupational Classification, 2018: major groups")
CREDENTIAL = Check("credential", "Credential", "20 CFR 680.420: what a program of training services leads to")
CLOCK_HOURS = Check("clock_hours", "Clock hours", OUR_BOUNDS)
COST = Check("cost", "Cost", OUR_BOUNDS)


def verify(
    facts: ApplicationFacts,
    *,
    other_applications_with_ein: int,
    with_name_and_address: int | None = None,
    similar: int | None = None,
) -> list[Result]:
    """Return what every check finds, in the order in which a reviewer reads it.

    `other_applications_with_ein` counts the other applications on file with the same EIN, whatever became of them;
    `with_name_and_address` those with another EIN and the same name and mailing address; `similar` those that look
    like the same organization otherwise. None leaves a check out, as for a packet from before there was one.
    """
    results = [rule(facts) for rule in APPLICATION_RULES]
    internal = [check_ein_elsewhere(other_applications_with_ein)]
    if with_name_and_address is not None:
        internal.append(check_name_elsewhere(with_name_and_address))
    if similar is not None:
        internal.append(check_similar(similar))
    return [*results[:2], *internal, *results[2:], *_further_sites(facts), *_program_results(facts)]


def check_ein_format(facts: ApplicationFacts) -> Result:
    """The EIN must be two digits, a hyphen, seven digits."""
    if codes.has_form(codes.EIN_PATTERN, facts.ein):
        return EIN_FORMAT.passes("The EIN is two digits, a hyphen and seven digits.")
    return EIN_FORMAT.fails(
        "The EIN is not two digits, a hyphen and seven digits.",
        "Ask for the number as it stands on IRS letter CP-575 or 147C.",
    )


def check_ein_prefix(facts: ApplicationFacts) -> Result:
    """The IRS should have assigned the EIN's prefix; as it may add prefixes, a stranger is a warning."""
    if codes.is_assigned_ein_prefix(facts.ein):
        return EIN_PREFIX.passes("The IRS list has the prefix of this EIN.")
    return EIN_PREFIX.warns(
        f"The IRS list has no prefix {facts.ein[:2]}.",
        "Compare the EIN with IRS letter CP-575 or 147C before approving.",
    )


def check_ein_elsewhere(other_applications: int) -> Result:
    """An organization usually applies once."""
    if not other_applications:
        return EIN_ELSEWHERE.passes("No other application has this EIN.")
    return EIN_ELSEWHERE.warns(
        f"{other_applications} other application{'s' if other_applications > 1 else ''} on file with this EIN.",
        "Look whether this is the same organization applying again, or a mistyped number.",
    )


def check_name_elsewhere(other_applications: int) -> Result:
    """One name at one address is usually one organization, whatever number it gives."""
    if not other_applications:
        return NAME_ELSEWHERE.passes("No other application has this name and address.")
    return NAME_ELSEWHERE.warns(
        f"{other_applications} on file with the same name and mailing address, and another EIN.",
        "Ask which EIN is right before approving either.",
    )


def check_similar(other_applications: int) -> Result:
    """A name that differs in a few letters, or the same contact, may be the same organization."""
    if not other_applications:
        return SIMILAR.passes("No other application looks like this organization.")
    return SIMILAR.warns(
        f"{other_applications} on file with a similar name, or with the same e-mail or phone.",
        "Compare them on the page of this application.",
    )


def check_mailing_address(facts: ApplicationFacts) -> Result:
    """The mailing address must be complete, and its ZIP code should lie in its state."""
    return _address(MAILING_ADDRESS, facts.mailing_street, facts.mailing_city, facts.mailing_state, facts.mailing_zip)


def check_site_address(facts: ApplicationFacts) -> Result:
    """The place where training happens must be known, and its ZIP code should lie in its state."""
    return _address(SITE_ADDRESS, facts.site_street, facts.site_city, facts.site_state, facts.site_zip)


def check_contact_phone(facts: ApplicationFacts) -> Result:
    """The phone number must be one that can be dialed in North America."""
    if codes.has_form(codes.PHONE_PATTERN, facts.contact_phone):
        return CONTACT_PHONE.passes("The number has an area code, an exchange and a line.")
    return CONTACT_PHONE.fails("This is no number of the North American plan.", "Ask for ten digits with area code.")


def check_contact_email(facts: ApplicationFacts) -> Result:
    """The e-mail must have a full domain; one at a public mail service does not show who the contact speaks for."""
    domain = facts.contact_email.rpartition("@")[2].lower()
    if "@" not in facts.contact_email or "." not in domain.strip(".") or domain.rpartition(".")[2].isdecimal():
        return CONTACT_EMAIL.fails("The address has no full domain.", "Ask for an address such as name@school.org.")
    if domain in codes.PUBLIC_MAIL_SERVICES:
        return CONTACT_EMAIL.warns(
            "The address is at a public mail service.",
            "Confirm that this person speaks for the organization.",
        )
    return CONTACT_EMAIL.passes("The address has a domain of its own.")


def check_expected_students(facts: ApplicationFacts) -> Result:
    """At least one student a year must be expected, and not more than a large college has."""
    if facts.expected_students < 1:
        return EXPECTED_STUDENTS.fails("No students are expected.", "Ask how many students a year are planned.")
    if facts.expected_students > STUDENTS_EXPECTED_AT_MOST:
        return EXPECTED_STUDENTS.warns(
            f"More than {STUDENTS_EXPECTED_AT_MOST:,} students a year are expected.",
            "Ask whether the figure is for one year.",
        )
    return EXPECTED_STUDENTS.passes("The figure is usual for one year.")


def check_assurances(facts: ApplicationFacts) -> Result:
    """The assurances must be accepted in a wording that the house knows."""
    if facts.assurances_version in STATEMENTS:
        return ASSURANCES.passes(f"Accepted in the wording of {facts.assurances_version}.")
    return ASSURANCES.fails("The assurances were not accepted.", "Send the application back to be accepted.")


def check_cip(program: ProgramFacts, position: int) -> Result:
    """The CIP code must have the form NN.NNNN, and its series should be one of the 2020 edition."""
    if not codes.has_form(codes.CIP_PATTERN, program.cip_code):
        return CIP.fails("The code does not have the form NN.NNNN.", "Look the program up at NCES.", position=position)
    if program.cip_code[:2] not in codes.CIP_SERIES:
        return CIP.warns(
            f"The {codes.CIP_EDITION} edition has no series {program.cip_code[:2]}.",
            "Look the program up at NCES and amend the code.",
            position=position,
        )
    return CIP.passes(f"Six digits, in series {program.cip_code[:2]}.", position=position)


def check_soc(program: ProgramFacts, position: int) -> Result:
    """Each SOC code must have the form NN-NNNN, and should be in a major group of 2018."""
    if not all(codes.has_form(codes.SOC_PATTERN, code) for code in program.soc_codes):
        return SOC.fails("A code does not have the form NN-NNNN.", "Look the occupation up at BLS.", position=position)
    strangers = [code for code in program.soc_codes if code[:2] not in classifications.SOC_GROUPS]
    if strangers:
        return SOC.warns(
            f"The classification of 2018 has no group for {', '.join(strangers)}.",
            "Look the occupation up at BLS and amend the code.",
            position=position,
        )
    named = [classifications.SOC.get(code, code) for code in program.soc_codes]
    return SOC.passes(f"{'; '.join(named)}."[:300], position=position)


def check_credential(program: ProgramFacts, position: int) -> Result:
    """The program must name what a student holds at its end."""
    if program.credential.strip():
        return CREDENTIAL.passes("The credential is named.", position=position)
    return CREDENTIAL.fails("No credential is named.", "Ask what a student holds at the end.", position=position)


def check_clock_hours(program: ProgramFacts, position: int) -> Result:
    """The hours must be positive, and should be those of a course and not of a day or of a degree."""
    if program.clock_hours < 1:
        return CLOCK_HOURS.fails("The program has no hours.", "Ask for its clock hours.", position=position)
    if program.clock_hours not in HOURS_EXPECTED:
        return CLOCK_HOURS.warns(
            f"{program.clock_hours:,} hours are outside {HOURS_EXPECTED[0]:,} to {HOURS_EXPECTED[-1]:,}.",
            "Ask whether these are clock hours of the whole program.",
            position=position,
        )
    return CLOCK_HOURS.passes(f"{program.clock_hours:,} hours are usual.", position=position)


def check_cost(program: ProgramFacts, position: int) -> Result:
    """The cost must not be negative; nothing, very much, or much for an hour is worth a question."""
    if program.cost < 0:
        return COST.fails("The cost is negative.", "Ask for the cost to one student.", position=position)
    if unusual := _unusual_cost(program):
        return COST.warns(unusual, "Ask for the price list of this program.", position=position)
    return COST.passes(f"${program.cost:,.2f} for {program.clock_hours:,} hours is usual.", position=position)


APPLICATION_RULES: tuple[Callable[[ApplicationFacts], Result], ...] = (
    check_ein_format,
    check_ein_prefix,
    check_mailing_address,
    check_site_address,
    check_contact_phone,
    check_contact_email,
    check_expected_students,
    check_assurances,
)
PROGRAM_RULES: tuple[Callable[[ProgramFacts, int], Result], ...] = (
    check_cip,
    check_credential,
    check_clock_hours,
    check_cost,
)


def _program_results(facts: ApplicationFacts) -> Iterator[Result]:
    for position, program in enumerate(facts.programs, start=1):
        for rule in PROGRAM_RULES:
            yield rule(program, position)
        if program.soc_codes:  # not asked in the first version of the form
            yield check_soc(program, position)


def _further_sites(facts: ApplicationFacts) -> Iterator[Result]:
    for number, site in enumerate(facts.sites, start=2):
        check = replace(SITE_ADDRESS, code=f"{SITE_ADDRESS.code}_{number}", title=f"{SITE_ADDRESS.title} {number}")
        yield _address(check, site.street, site.city, site.state, site.zip)


def _address(check: Check, street: str, city: str, state: str, zip_code: str) -> Result:
    if not street.strip() or not city.strip():
        return check.fails("Street or city is missing.", "Ask for the complete address.")
    if state not in codes.STATES:
        return check.fails("The state is no USPS abbreviation.", "Ask for the complete address.")
    if not codes.has_form(codes.ZIP_PATTERN, zip_code):
        return check.fails("The ZIP code is not five digits, or nine with a hyphen.", "Ask for the ZIP code.")
    if not codes.is_in_zip_area(state, zip_code):
        return check.warns(
            f"ZIP codes that begin with {zip_code[0]} do not lie in {codes.STATES[state]}.",
            "Compare state and ZIP code.",
        )
    return check.passes("The address is complete, and its ZIP code can lie in its state.")


def _unusual_cost(program: ProgramFacts) -> str:
    if program.cost == 0:
        return "The program costs nothing."
    if program.cost > COST_EXPECTED_AT_MOST:
        return f"The program costs more than ${COST_EXPECTED_AT_MOST:,}."
    if program.clock_hours > 0 and program.cost / program.clock_hours > COST_PER_HOUR_EXPECTED_AT_MOST:
        return f"The program costs more than ${COST_PER_HOUR_EXPECTED_AT_MOST} an hour."
    return ""
