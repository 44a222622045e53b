"""The forms of programs: what people send, checked before a service sees it."""

from programs.forms.application import Entry
from programs.forms.members import InviteForm, JoinForm

__all__ = ["Entry", "InviteForm", "JoinForm"]
