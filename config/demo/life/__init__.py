"""One holder with a whole life, each part of it made by the services that real people's pages call.

It may be loaded again at any time: each part begins where it was left, and what is there stays as it is.
"""

from collections.abc import Mapping

from django.contrib.auth.models import User

from config.demo.life import agreement, application, checklist, enrollment, money, offers
from programs.models import Holder

REVIEWER, ADMINISTRATOR, OFFICER, CLERK = "okafor", "admin", "novak", "tanaka"


def load_holder(people: Mapping[str, User]) -> tuple[Holder, User]:
    """Return the demonstration's holder and its owner, with all that has happened since it applied.

    `people` are the staff of the demonstration by user name. Not in a transaction: documents are made. Raises what the
    services raise.
    """
    administrator, officer = people[ADMINISTRATOR], people[OFFICER]
    holder = application.approved_holder(administrator=administrator, reviewer=people[REVIEWER])
    owner = application.owner_of(holder)
    checklist.prove_everything(holder, by=officer)
    agreement.agree(holder, owner=owner, preparer=administrator, signer=officer)
    checklist.activate(holder, by=officer)
    barbering = offers.approved_program(holder, owner=owner, reviewer=officer)
    running, upcoming = offers.running_cohort(barbering, by=owner), offers.upcoming_cohort(barbering, by=owner)
    enrollment.fill(running, upcoming, by=owner)
    checklist.leave_open_ends(holder, offers.drafted_program(holder, by=owner), owner=owner, by=officer)
    money.bill_and_pay(holder, barbering, owner=owner, by=people[CLERK])
    offers.receive_enquiry(barbering)
    return holder, owner
