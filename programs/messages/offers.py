"""The mails about what a holder offers: programs, cohorts, listings and enquiries. None names a person to another."""

from django.core.mail import EmailMultiAlternatives

from autopilot.engine import message
from programs import codes
from programs.messages.mails import address, mail
from programs.models import Cohort, Enquiry, Listing, ListingStatus, Program
from programs.services import cohorts, enquiries, listings, programs
from programs.services.people import add_notice, mail_to

TEMPLATE = "programs/emails/notice"

add_notice(programs.SUBMITTED, "A program was sent for review")
add_notice(programs.APPROVED, "A program was approved")
add_notice(programs.RETURNED, "A program came back from review")
add_notice(programs.RETIRED, "A program was retired")
add_notice(cohorts.OPENED, "A cohort was opened for enrollment")
add_notice(cohorts.STARTED, "A cohort has started")
add_notice(cohorts.COMPLETED, "A cohort was completed")
add_notice(cohorts.CANCELLED, "A cohort was cancelled")
add_notice(enquiries.RECEIVED, "Somebody asks about a program")
add_notice(listings.SUBMITTED, "An application went to a state’s list")
add_notice(listings.DECIDED, "A state has decided about its list")
add_notice(listings.EXPIRING, "A place on a state’s list ends soon")
add_notice(listings.WITHDRAWN, "An application to a state’s list was withdrawn")
add_notice(listings.EXPIRED, "A place on a state’s list has ended")


@message(programs.SUBMITTED, webhook=True)
def program_submitted(program_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that reviewers have a program."""
    program = _program(program_id)
    text = f"{program.title} is with our reviewers. You need do nothing until you hear from us."
    return _about_program(program, programs.SUBMITTED, f"{program.title} is in review", text)


@message(programs.APPROVED, webhook=True)
def program_approved(program_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that students may take a program."""
    program = _program(program_id)
    text = f"{program.title} is approved. Plan its first cohort, so that students can enroll."
    return _about_program(program, programs.APPROVED, f"{program.title} is approved", text)


@message(programs.RETURNED, webhook=True)
def program_returned(program_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people what a reviewer asks them to change."""
    program = _program(program_id)
    text = f"Our reviewer asks you to change something about {program.title}:"
    subject = f"Please change something about {program.title}"
    return _about_program(program, programs.RETURNED, subject, text, quote=program.review_remark)


@message(programs.RETIRED, webhook=True)
def program_retired(program_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a program has ended."""
    program = _program(program_id)
    text = f"{program.title} is retired. It takes no new cohorts and has left the catalog; its records stay."
    return _about_program(program, programs.RETIRED, f"{program.title} is retired", text)


@message(cohorts.OPENED, webhook=True)
def cohort_opened(cohort_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that students may enroll in a cohort."""
    return _about_cohort(cohort_id, cohorts.OPENED, "is open for enrollment", "Students may enroll in it now.")


@message(cohorts.STARTED, webhook=True)
def cohort_started(cohort_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a cohort's first day has come."""
    return _about_cohort(cohort_id, cohorts.STARTED, "has started", "Record attendance after every session.")


@message(cohorts.COMPLETED, webhook=True)
def cohort_completed(cohort_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a cohort is over."""
    return _about_cohort(cohort_id, cohorts.COMPLETED, "is completed", "Its records stay as they are.")


@message(cohorts.CANCELLED, webhook=True)
def cohort_cancelled(cohort_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a cohort will not be held."""
    text = "Tell the students who were enrolled in it."
    return _about_cohort(cohort_id, cohorts.CANCELLED, "is cancelled", text)


@message(enquiries.RECEIVED, webhook=True)
def enquiry_received(enquiry_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that somebody asks; who it is stands in the portal alone."""
    program = _enquiry(enquiry_id).program
    return mail_to(
        program.holder,
        enquiries.RECEIVED,
        TEMPLATE,
        subject=f"Somebody asks about {program.title}",
        text=f"Somebody asks about {program.title}. Name and question are in the portal.",
        link=address("portal:enquiries", program.holder_id),
        action="Open the enquiries",
    )


@message(enquiries.CONFIRMED)
def enquiry_confirmed(enquiry_id: str) -> EmailMultiAlternatives:
    """Tell who asked that the question has arrived; nothing of what the form said is repeated."""
    enquiry = _enquiry(enquiry_id)
    program = enquiry.program
    context = {"program": program, "link": address("programs:catalog_program", program.slug)}
    return mail("enquired", to=enquiry.email, **context)


@message(listings.SUBMITTED, webhook=True)
def listing_submitted(listing_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that the state has an application for its list."""
    return _about_listing(listing_id, listings.SUBMITTED, "is with the state", "We follow it until the state decides.")


@message(listings.DECIDED, webhook=True)
def listing_decided(listing_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people what a state has decided about its list."""
    listing = Listing.objects.get(pk=listing_id)
    is_listed = listing.status == ListingStatus.LISTED
    what = "is on the state’s list" if is_listed else "was denied by the state"
    text = "Students with WIOA funds can choose it." if is_listed else f"The state said: {listing.reason or 'nothing'}."
    return _about_listing(listing_id, listings.DECIDED, what, text)


@message(listings.EXPIRING, webhook=True)
def listing_expiring(listing_id: str) -> EmailMultiAlternatives:
    """Remind a holder's people that a place on a state's list ends."""
    text = "Apply for continued eligibility now, so that there is no gap."
    return _about_listing(listing_id, listings.EXPIRING, "leaves the state’s list soon", text)


@message(listings.EXPIRED, webhook=True)
def listing_expired(listing_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a place on a state's list has ended."""
    text = "Students cannot use WIOA funds for it until it is listed again."
    return _about_listing(listing_id, listings.EXPIRED, "has left the state’s list", text)


@message(listings.WITHDRAWN, webhook=True)
def listing_withdrawn(listing_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that an application to a state, or a place on its list, was withdrawn."""
    known = listings.is_known_to_state(Listing.objects.get(pk=listing_id))
    text = "The state must be told as well: it has the application." if known else "Nothing was sent to the state."
    return _about_listing(listing_id, listings.WITHDRAWN, "was withdrawn from the state’s list", text)


def _enquiry(enquiry_id: str) -> Enquiry:
    return Enquiry.objects.select_related("program__holder").get(pk=enquiry_id)


def _program(program_id: str) -> Program:
    return Program.objects.select_related("holder").get(pk=program_id)


def _about_program(program: Program, topic: str, subject: str, text: str, *, quote: str = "") -> EmailMultiAlternatives:
    link = address("portal:program", program.holder_id, program.pk)
    return mail_to(
        program.holder, topic, TEMPLATE, subject=subject, text=text, quote=quote, link=link, action="Open the program"
    )


def _about_cohort(cohort_id: str, topic: str, what: str, text: str) -> EmailMultiAlternatives:
    cohort = Cohort.objects.select_related("program__holder").get(pk=cohort_id)
    program = cohort.program
    return mail_to(
        program.holder,
        topic,
        TEMPLATE,
        subject=f"{cohort.name} of {program.title} {what}",
        text=f"{cohort.name} of {program.title} {what}. {text}",
        link=address("portal:cohort", program.holder_id, cohort.pk),
        action="Open the cohort",
    )


def _about_listing(listing_id: str, topic: str, what: str, text: str) -> EmailMultiAlternatives:
    listing = Listing.objects.select_related("program__holder").get(pk=listing_id)
    program, state = listing.program, codes.STATES[listing.state]
    ends = f" Its last day is {listing.expires_on:%B %-d, %Y}." if listing.expires_on else ""
    return mail_to(
        program.holder,
        topic,
        TEMPLATE,
        subject=f"{program.title} {what} ({state})",
        text=f"{program.title} {what} in {state}. {text}{ends}",
        link=address("portal:listings", program.holder_id, program.pk),
        action="Open the state lists",
    )
