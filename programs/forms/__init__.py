"""The forms of programs: what people send, checked before a service sees it."""

from programs.forms.application import Entry
from programs.forms.catalog import EnquiryForm, SearchForm
from programs.forms.cohorts import ClosureForm, CohortForm, RulesForm, SessionForm, YearForm
from programs.forms.members import InviteForm, JoinForm
from programs.forms.mous import ConfirmForm, PaperForm, PenForm, ReasonForm, SignForm, TermsForm
from programs.forms.programs import ProgramForm, SiteForm

__all__ = [
    "ClosureForm",
    "CohortForm",
    "ConfirmForm",
    "EnquiryForm",
    "Entry",
    "InviteForm",
    "JoinForm",
    "PaperForm",
    "PenForm",
    "ProgramForm",
    "ReasonForm",
    "RulesForm",
    "SearchForm",
    "SessionForm",
    "SignForm",
    "SiteForm",
    "TermsForm",
    "YearForm",
]
