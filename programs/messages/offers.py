"""The mails about what a holder offers: programs, cohorts, listings and enquiries. None names a person to another."""

from django.core.mail import EmailMultiAlternatives

from autopilot.engine import message
from programs.messages.mails import address
from programs.models import Program
from programs.services import programs
from programs.services.people import add_notice, mail_to

TEMPLATE = "programs/emails/notice"

add_notice(programs.SUBMITTED, "A program was sent for review")
add_notice(programs.APPROVED, "A program was approved")
add_notice(programs.RETURNED, "A program came back from review")
add_notice(programs.RETIRED, "A program was retired")


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


def _program(program_id: str) -> Program:
    return Program.objects.select_related("holder").get(pk=program_id)


def _about_program(program: Program, topic: str, subject: str, text: str, *, quote: str = "") -> EmailMultiAlternatives:
    link = address("portal:program", program.holder_id, program.pk)
    return mail_to(
        program.holder, topic, TEMPLATE, subject=subject, text=text, quote=quote, link=link, action="Open the program"
    )
