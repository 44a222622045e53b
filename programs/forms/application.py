"""The application form: one organization and the programs it offers."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict

from autopilot.documents import glyphs
from autopilot.identifiers import uuid7
from programs import assurances
from programs.codes import is_assigned_ein_prefix
from programs.facts import ApplicationFacts, AttachmentFacts, ProgramFacts, SiteFacts
from programs.forms.pickers import CipField, OccupationsField
from programs.models import (
    MOST_ATTACHMENTS,
    MOST_OCCUPATIONS,
    MOST_PROGRAMS,
    MOST_SITES,
    Application,
    ApplicationProgram,
    ApplicationSite,
)

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    FormSet = BaseFormSet["ProgramForm"]
    SiteRows = BaseFormSet["FurtherSiteForm"]
else:  # Django's own classes take no parameters when they run
    ModelForm, FormSet, SiteRows = forms.ModelForm, BaseFormSet, BaseFormSet

PREFIX, SITES = "programs", "sites"
ADDRESS = ("street", "city", "state", "zip")
STALE_FORM = "This page is no longer complete. Open it anew and enter your application again."
TRAP_SPRUNG = "Leave the field “leave empty” empty, then send the form again."


class PhoneField(forms.CharField):
    """A phone number as people write it, kept as 317-555-0142 or 317-555-0142 ext 12."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "medium"})

    def to_python(self, value: Any) -> str:
        """Return the house's writing of a number; what cannot be read is left as it is, to be refused."""
        text = str(super().to_python(value))
        written = re.fullmatch(r"(?:\+?1)?([0-9]{3})([0-9]{3})([0-9]{4})(?:(?:ext|x)([0-9]{1,6}))?", _bare(text))
        if written is None:
            return text
        area, exchange, line, extension = written.groups()
        return f"{area}-{exchange}-{line}" + (f" ext {extension}" if extension else "")


class PrintableForm(ModelForm):
    """A form whose texts can be printed in our documents; other characters are refused by name, in their field."""

    def clean(self) -> dict[str, Any]:
        """Refuse characters that our fonts lack."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and (strangers := glyphs.unprintable(value)):
                self.add_error(name, f"Our documents cannot print {' '.join(strangers)}. Write it in Latin letters.")
        return cleaned


def _address_messages(where: str, named: str) -> dict[str, dict[str, str]]:
    return {
        f"{where}_street": {"required": f"Enter the street and number of {named}."},
        f"{where}_city": {"required": f"Enter the city of {named}."},
        f"{where}_zip": {
            "required": f"Enter the ZIP code of {named}.",
            "zip": f"Enter the ZIP code of {named} as five digits, or nine as 46204-1234.",
        },
    }


class OrganizationForm(PrintableForm):
    """Everything an application says but its programs."""

    contact_phone = PhoneField(
        label="phone", max_length=40, validators=Application._meta.get_field("contact_phone").validators
    )
    site_is_mailing = forms.BooleanField(label="Training takes place at the mailing address", required=False)
    accepts_assurances = forms.BooleanField(
        label="We give all of these assurances",
        error_messages={
            "required": "Read the assurances and tick the box; without them we cannot take an application."
        },
    )
    form_key = forms.CharField(widget=forms.HiddenInput, required=False)
    leave_empty = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
    )

    class Meta:
        model = Application
        fields = [
            "legal_name",
            "doing_business_as",
            "entity_type",
            "ein",
            "contact_name",
            "contact_title",
            "contact_email",
            "contact_phone",
            *(f"mailing_{part}" for part in ADDRESS),
            *(f"site_{part}" for part in ADDRESS),
            "expected_students",
            "additional_information",
            "heard_from",
        ]
        widgets = {
            "legal_name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "ein": forms.TextInput(attrs={"class": "short", "autocomplete": "off", "placeholder": "12-3456789"}),
            "contact_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "contact_title": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "contact_email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "mailing_street": forms.TextInput(attrs={"autocomplete": "section-mailing street-address"}),
            "mailing_city": forms.TextInput(attrs={"autocomplete": "section-mailing address-level2"}),
            "mailing_state": forms.Select(attrs={"autocomplete": "section-mailing address-level1"}),
            "mailing_zip": forms.TextInput(attrs={"autocomplete": "section-mailing postal-code", "class": "short"}),
            "site_street": forms.TextInput(attrs={"autocomplete": "section-site street-address"}),
            "site_city": forms.TextInput(attrs={"autocomplete": "section-site address-level2"}),
            "site_state": forms.Select(attrs={"autocomplete": "section-site address-level1"}),
            "site_zip": forms.TextInput(attrs={"autocomplete": "section-site postal-code", "class": "short"}),
            "expected_students": forms.NumberInput(attrs={"class": "short", "min": 1, "inputmode": "numeric"}),
            "additional_information": forms.Textarea(attrs={"rows": 4}),
        }
        error_messages = {
            "legal_name": {"required": "Enter the legal name of the organization."},
            "ein": {"required": "Enter the EIN, nine digits in the form 12-3456789."},
            "contact_name": {"required": "Enter the name of a person we can ask."},
            "contact_email": {
                "required": "Enter an e-mail address; we write there.",
                "invalid": "Enter a complete e-mail address, for example name@school.org.",
            },
            "expected_students": {"required": "Enter how many students you expect in a year."},
            **_address_messages("mailing", "the mailing address"),
            **_address_messages("site", "the training site"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = field.label or name
            field.label = field.label[:1].upper() + field.label[1:]
        self.fields["contact_phone"].error_messages["required"] = "Enter a ten-digit phone number with area code."
        if self.is_bound and self.data.get("site_is_mailing"):
            self._let_site_follow_mailing()

    def clean_leave_empty(self) -> str:
        """Refuse what only a program fills in."""
        if self.cleaned_data["leave_empty"]:
            raise ValidationError(TRAP_SPRUNG, code="trap")
        return ""

    def clean(self) -> dict[str, Any]:
        """Copy the mailing address where the site is there, and refuse a page that has lost its key."""
        cleaned = super().clean()
        if cleaned.get("site_is_mailing"):
            for part in ADDRESS:
                cleaned[f"site_{part}"] = cleaned.get(f"mailing_{part}", "")
        try:
            cleaned["form_key"] = UUID(cleaned.get("form_key", ""))
        except ValueError:
            self.add_error(None, ValidationError(STALE_FORM, code="form_key"))
        return cleaned

    def _let_site_follow_mailing(self) -> None:
        for part in ADDRESS:
            self.fields[f"site_{part}"].required = False


class FurtherSiteForm(PrintableForm):
    """One more training site."""

    class Meta:
        model = ApplicationSite
        fields = ["name", *ADDRESS]
        widgets = {"zip": forms.TextInput(attrs={"class": "short"})}
        error_messages = {
            "street": {"required": "Enter the street and number of this training site, or remove it."},
            "city": {"required": "Enter the city of this training site."},
            "zip": {"required": "Enter the ZIP code of this training site."},
        }


class ProgramForm(PrintableForm):
    """One program offered; with several training sites it says at which of them it is taught."""

    cip_code = CipField(error_messages={"required": "Enter the CIP code, six digits in the form 12.0402."})
    soc_codes = OccupationsField(
        label="Occupations",
        required=False,
        help_text="Up to three that it trains for: SOC codes, or words of their titles, such as welders.",
    )
    taught_at = forms.TypedMultipleChoiceField(
        label="Taught at",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none if it is taught at all of them.",
    )

    class Meta:
        model = ApplicationProgram
        fields = ["title", "cip_code", "credential", "clock_hours", "cost"]
        widgets = {
            "clock_hours": forms.NumberInput(attrs={"class": "short", "min": 1, "inputmode": "numeric"}),
            "cost": forms.NumberInput(attrs={"class": "short", "min": 0, "step": "0.01", "inputmode": "decimal"}),
        }
        error_messages = {
            "title": {"required": "Enter the title of the program."},
            "credential": {"required": "Enter what a student holds at the end."},
            "clock_hours": {
                "required": "Enter the clock hours of the whole program.",
                "min_value": "Enter at least one clock hour.",
            },
            "cost": {
                "required": "Enter the cost to one student; 0 if there is none.",
                "min_value": "The cost cannot be negative.",
            },
        }

    def __init__(self, *args: Any, sites: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sites < 2:
            del self.fields["taught_at"]
            return
        choices = [(number, f"Training site {number}") for number in range(1, sites + 1)]
        cast(forms.TypedMultipleChoiceField, self.fields["taught_at"]).choices = choices

    def said(self) -> ProgramFacts:
        """Return the program; only a valid form says one."""
        said = self.cleaned_data
        return ProgramFacts(
            **{name: said[name] for name in self.Meta.fields},
            soc_codes=said["soc_codes"],
            taught_at=tuple(said.get("taught_at", ())),
        )


class BaseSiteFormSet(SiteRows):
    """The further training sites: a row that was added is filled in or removed, so that each keeps its number."""

    default_error_messages = {
        "missing_management_form": STALE_FORM,
        "too_many_forms": f"Name at most {MOST_SITES} training sites.",
    }

    def initial_form_count(self) -> int:
        """Treat every row alike, whatever the page says it began with."""
        return 0

    def total_form_count(self) -> int:
        """Show as many rows as there are."""
        return super().total_form_count() if self.is_bound else min(len(self.initial or ()), MOST_SITES - 1)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Ask every row to be filled in."""
        return {"empty_permitted": False, "use_required_attribute": False}


class BaseProgramFormSet(FormSet):
    """The programs of an application: one to ten rows, of which rows left blank after the first do not count."""

    default_error_messages = {
        "missing_management_form": STALE_FORM,
        "too_many_forms": f"Name at most {MOST_PROGRAMS} programs.",
    }

    def initial_form_count(self) -> int:
        """Treat every row alike, whatever the page says it began with."""
        return 0

    def total_form_count(self) -> int:
        """Show as many rows as there are, and at least one."""
        if self.is_bound:
            return super().total_form_count()
        return min(max(len(self.initial or ()), 1), MOST_PROGRAMS)


ProgramFormSet = formset_factory(
    ProgramForm, formset=BaseProgramFormSet, extra=0, min_num=1, max_num=MOST_PROGRAMS, validate_max=True, absolute_max=MOST_PROGRAMS,
)  # fmt: skip


SiteFormSet = formset_factory(
    FurtherSiteForm, formset=BaseSiteFormSet, extra=0, max_num=MOST_SITES - 1, validate_max=True, absolute_max=MOST_SITES - 1,
)  # fmt: skip


class Entry:
    """One application form, as it was entered: the organization, its training sites and its programs together."""

    def __init__(
        self,
        organization: OrganizationForm,
        sites: SiteRows,
        programs: FormSet,
        *,
        attachments: Sequence[AttachmentFacts] = (),
        confirmed_ein: str = "",
    ) -> None:
        self.organization = organization
        self.sites = sites
        self.programs = programs
        self.attachments = tuple(attachments)
        self._confirmed_ein = confirmed_ein

    @classmethod
    def blank(cls, facts: ApplicationFacts | None = None) -> "Entry":
        """Return a fresh form, filled with what an application said before if it did."""
        said = facts.as_json() if facts else {}
        sites, programs = said.get("sites", []), said.get("programs", [])
        return cls(
            OrganizationForm(initial=said | {"form_key": uuid7()}),
            SiteFormSet(prefix=SITES, initial=sites),
            _program_rows([each | {"taught_at": each.get("taught_at", "").split()} for each in programs], len(sites)),
            attachments=facts.attachments if facts else (),
        )

    @classmethod
    def sent(cls, data: QueryDict, attachments: Sequence[AttachmentFacts] = ()) -> "Entry":
        """Return the form that was sent, to be checked; a page from before there were further sites has none."""
        if f"{SITES}-TOTAL_FORMS" not in data:
            data = data.copy()
            data.update({f"{SITES}-TOTAL_FORMS": "0", f"{SITES}-INITIAL_FORMS": "0"})
        kinds = {"sites": 1 + _count(data, SITES, MOST_SITES - 1)}
        return cls(
            OrganizationForm(data),
            SiteFormSet(data, prefix=SITES),
            ProgramFormSet(data, prefix=PREFIX, form_kwargs=kinds),
            attachments=attachments,
            confirmed_ein=data.get("confirmed_ein", ""),
        )

    @classmethod
    def reshaped(
        cls, data: QueryDict, attachments: Sequence[AttachmentFacts] = (), *, add: str = "", remove: str = ""
    ) -> "Entry":
        """Return the form with all that was entered, unchecked, and with a row more or less if that is asked for.

        `add` is `programs` or `sites`; `remove` is one of them with the number of the row, as `sites-0` for the first.
        """
        rows = {PREFIX: _program_data(data), SITES: _site_data(data)}
        focus = _reshape(rows, add, remove)
        entry = cls(
            OrganizationForm(initial=data.dict()),
            SiteFormSet(prefix=SITES, initial=rows[SITES][: MOST_SITES - 1]),
            _program_rows(rows[PREFIX][:MOST_PROGRAMS], len(rows[SITES])),
            attachments=attachments,
        )
        entry.focus(focus)
        return entry

    def focus(self, where: str) -> None:
        """Let the page open at the last row of the programs or of the sites."""
        if where == SITES and self.sites.forms:
            self.sites.forms[-1].fields["name"].widget.attrs["autofocus"] = True
        elif where:
            self.programs.forms[-1].fields["title"].widget.attrs["autofocus"] = True

    def is_valid(self) -> bool:
        """Check everything, so that every mistake is shown at once."""
        checks = [self.organization.is_valid(), self.sites.is_valid(), self.programs.is_valid()]
        return all(checks)

    @property
    def may_grow(self) -> bool:
        """Whether there is room for one more program."""
        return len(self.programs.forms) < MOST_PROGRAMS

    @property
    def may_spread(self) -> bool:
        """Whether there is room for one more training site."""
        return len(self.sites.forms) < MOST_SITES - 1

    @property
    def may_attach(self) -> bool:
        """Whether there is room for one more document."""
        return len(self.attachments) < MOST_ATTACHMENTS

    @property
    def ein_to_confirm(self) -> str:
        """The EIN that a person should look at again: valid, but with a prefix that the IRS has not assigned."""
        if not self.organization.is_bound or not self.is_valid():
            return ""
        ein = str(self.organization.cleaned_data["ein"])
        return "" if is_assigned_ein_prefix(ein) or ein == self._confirmed_ein else ein

    def refuse(self, refusal: ValidationError) -> None:
        """Show a refusal that only the service could know, in its field where the form has one."""
        if not hasattr(refusal, "error_dict"):
            self.organization.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            self.organization.add_error(name if name in self.organization.fields else None, errors)

    @property
    def key(self) -> UUID:
        """The key of the form that was sent; only a valid form has one."""
        key: UUID = self.organization.cleaned_data["form_key"]
        return key

    def facts(self) -> ApplicationFacts:
        """Return what the application says; only a valid form says something."""
        said = self.organization.cleaned_data
        sites = [row.cleaned_data for row in self.sites.forms]
        return ApplicationFacts(
            **{name: said[name] for name in OrganizationForm.Meta.fields},
            assurances_version=assurances.VERSION,
            programs=tuple(row.said() for row in self.programs.forms if row.has_changed()),
            sites=tuple(SiteFacts(**{name: row[name] for name in FurtherSiteForm.Meta.fields}) for row in sites),
            attachments=self.attachments,
        )


def _program_rows(rows: list[dict[str, Any]], further_sites: int) -> FormSet:
    return ProgramFormSet(prefix=PREFIX, initial=rows, form_kwargs={"sites": 1 + min(further_sites, MOST_SITES - 1)})


def _program_data(data: QueryDict) -> list[dict[str, Any]]:
    return [
        {name: data.get(f"{PREFIX}-{row}-{name}", "") for name in ProgramForm.Meta.fields}
        | {
            "soc_codes": [data.get(f"{PREFIX}-{row}-soc_codes_{index}", "") for index in range(MOST_OCCUPATIONS)],
            "taught_at": data.getlist(f"{PREFIX}-{row}-taught_at"),
        }
        for row in range(max(_count(data, PREFIX, MOST_PROGRAMS), 1))
    ]


def _site_data(data: QueryDict) -> list[dict[str, Any]]:
    count = _count(data, SITES, MOST_SITES - 1)
    return [
        {name: data.get(f"{SITES}-{row}-{name}", "") for name in FurtherSiteForm.Meta.fields} for row in range(count)
    ]


def _count(data: QueryDict, prefix: str, most: int) -> int:
    text = data.get(f"{prefix}-TOTAL_FORMS", "")
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _reshape(rows: dict[str, list[dict[str, Any]]], add: str, remove: str) -> str:
    """Add or remove the row that is asked for, and return the name of the list that has changed."""
    if add in rows:
        rows[add].append({})
        return add
    name, _, index = remove.partition("-")
    if name not in rows or not (index.isascii() and index.isdecimal() and int(index[:4]) < len(rows[name])):
        return ""
    del rows[name][int(index)]
    if name == SITES:
        _renumber(rows[PREFIX], gone=int(index) + 2)
    return name


def _renumber(programs: list[dict[str, Any]], *, gone: int) -> None:
    """Let programs name their training sites by the numbers these have after one has gone."""
    for program in programs:
        kept = [
            int(text) for text in program["taught_at"] if text.isascii() and text.isdecimal() and int(text[:4]) != gone
        ]
        program["taught_at"] = [str(number - (number > gone)) for number in kept]


def _bare(text: str) -> str:
    return re.sub(r"[\s().\-\u2010-\u2015]", "", text).lower()
