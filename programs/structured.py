"""Programs as search engines read them: schema.org in JSON-LD, as text that a script element of data may hold."""

import json
from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString

from programs.models import Cohort, Delivery, Program, Site

MODES = {Delivery.IN_PERSON: "onsite", Delivery.HYBRID: "blended", Delivery.ONLINE: "online"}
# As Django's own json_script does it: nothing in the text can end the element.
ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def as_json_ld(program: Program, *, url: str, sites: Sequence[Site], cohorts: Sequence[Cohort]) -> SafeString:
    """Return a program with its next cohorts as a schema.org Course and EducationalOccupationalProgram.

    `url` is the whole address of its page. The text holds none of the characters `<`, `>` and `&`.
    """
    course = _course(program, url) | {"hasCourseInstance": [_instance(each, program) for each in cohorts]}
    told = {"@context": "https://schema.org", "@graph": [course, _program(program, url, sites)]}
    return SafeString(json.dumps(told, ensure_ascii=True).translate(ESCAPED))


def _common(program: Program, url: str) -> dict[str, Any]:
    return {
        "name": program.title,
        "description": program.description,
        "url": url,
        "provider": _organization(program),
        "educationalCredentialAwarded": program.credential,
        "offers": {
            "@type": "Offer",
            "category": "Free" if program.cost == 0 else "Paid",
            "price": str(program.cost),
            "priceCurrency": "USD",
        },
    }


def _course(program: Program, url: str) -> dict[str, Any]:
    return _common(program, url) | {"@type": "Course", "@id": f"{url}#course", "inLanguage": program.languages}


def _program(program: Program, url: str, sites: Sequence[Site]) -> dict[str, Any]:
    return _common(program, url) | {
        "@type": "EducationalOccupationalProgram",
        "@id": f"{url}#program",
        "hasCourse": {"@id": f"{url}#course"},
        "educationalProgramMode": MODES[Delivery(program.delivery)],
        "timeToComplete": f"P{program.weeks}W",
        "maximumEnrollment": program.capacity,
        "programPrerequisites": program.prerequisites,
        "occupationalCategory": [each.soc_code for each in program.occupations.all()],
        "location": [_place(each) for each in sites],
    }


def _organization(program: Program) -> dict[str, Any]:
    named = {"@type": "EducationalOrganization", "name": str(program.holder)}
    return named | ({"url": program.holder.website} if program.holder.website else {})


def _instance(cohort: Cohort, program: Program) -> dict[str, Any]:
    told = {
        "@type": "CourseInstance",
        "name": cohort.name,
        "courseMode": MODES[Delivery(program.delivery)],
        "courseWorkload": f"PT{program.clock_hours}H",
        "startDate": cohort.starts_on.isoformat(),
        "endDate": cohort.ends_on.isoformat(),
    }
    return told | ({"location": _place(cohort.site)} if cohort.site else {})


def _place(site: Site) -> dict[str, Any]:
    address = {
        "@type": "PostalAddress",
        "streetAddress": site.street,
        "addressLocality": site.city,
        "addressRegion": site.state,
        "postalCode": site.zip,
        "addressCountry": "US",
    }
    return {"@type": "Place", "name": site.name, "address": address}
