"""The mails to the people of holders about their membership."""

from django.core.mail import EmailMultiAlternatives

from autopilot.engine import message
from programs.messages.mails import address, mail
from programs.models import Invitation
from programs.services.members import INVITED, invitation_token


@message(INVITED)
def invited(invitation_id: str) -> EmailMultiAlternatives:
    """Send somebody the link by which they become a member of a holder."""
    invitation = Invitation.objects.select_related("holder").get(pk=invitation_id)
    link = address("programs:join", invitation_token(invitation))
    return mail("invited", to=invitation.email, invitation=invitation, join_url=link)
