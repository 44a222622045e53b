"""The forms of programs: what people send, checked before a service sees it."""

from programs.forms.application import Entry
from programs.forms.members import InviteForm, JoinForm
from programs.forms.programs import ProgramForm, SiteForm

__all__ = ["Entry", "InviteForm", "JoinForm", "ProgramForm", "SiteForm"]
