"""Fields that take a code from a list: searched by words in the browser, and on the server where the browser cannot.

A page that shows them includes `programs/code_lists.html` once; it needs no JavaScript.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from programs import classifications, codes
from programs.models import MOST_OCCUPATIONS

CIP_LIST, SOC_LIST = "cip-codes", "soc-codes"


class CodeField(forms.CharField):
    """A code of one table, entered as itself, chosen from the list, or found by words that fit one title alone."""

    def __init__(
        self, table: Mapping[str, str], *, list_id: str, pattern: str, example: str, refusal: str, **kwargs: Any
    ) -> None:
        self.table = table
        self.wrong_form = f"Enter six digits in the form {example}, or words of its title."
        widget = forms.TextInput(attrs={"list": list_id, "autocomplete": "off", "placeholder": example})
        super().__init__(max_length=200, widget=widget, **kwargs)
        self.form = RegexValidator(pattern, self.wrong_form, code=refusal)

    def clean(self, value: Any) -> str:
        """Return the code; raises ValidationError that names the codes which fit when several do."""
        code = classifications.code_in(self.table, str(super().clean(value)))
        if code:
            self._check(code)
        return code

    def _check(self, code: str) -> None:
        found = [] if code[0].isdecimal() else classifications.find(self.table, code)
        if len(found) > 1:
            raise ValidationError(f"Several codes fit. Enter one: {_named(found)}.", code="code_ambiguous")
        self.form(code)


class CipField(CodeField):
    """A CIP code of the 2020 edition."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            classifications.CIP, list_id=CIP_LIST, pattern=codes.CIP_PATTERN, example="12.0402", refusal="cip_format", label="CIP code",
            **{"help_text": "From the 2020 edition: six digits, or words of the title, such as welding."} | kwargs,
        )  # fmt: skip


class SocField(CodeField):
    """A SOC code of 2018."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            classifications.SOC,
            list_id=SOC_LIST,
            pattern=codes.SOC_PATTERN,
            example="51-4121",
            refusal="soc_format",
            **kwargs,
        )


class SocInputs(forms.MultiWidget):
    """One input for each occupation, under one legend."""

    use_fieldset = True

    def __init__(self) -> None:
        inputs = [SocField(required=False).widget for _ in range(MOST_OCCUPATIONS)]
        for number, each in enumerate(inputs, start=1):
            each.attrs["aria-label"] = f"Occupation {number}"
        super().__init__(inputs, attrs={"class": "medium"})

    def decompress(self, value: Any) -> list[str]:
        """Return a text for each input."""
        given = value.replace(",", " ").split() if isinstance(value, str) else list(value or [])
        return (given + [""] * MOST_OCCUPATIONS)[:MOST_OCCUPATIONS]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return what was entered, also where one part is missing."""
        return [str(each or "") for each in super().value_from_datadict(data, files, name)]


class OccupationsField(forms.MultiValueField):
    """Up to three occupations by SOC code; cleaned to a tuple without blanks and repetitions."""

    widget = SocInputs

    def __init__(self, **kwargs: Any) -> None:
        fields = [SocField(required=False) for _ in range(MOST_OCCUPATIONS)]
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: Iterable[str]) -> tuple[str, ...]:
        """Return the codes in the order in which they were entered."""
        return tuple(dict.fromkeys(each for each in data_list or () if each))

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return the codes; raises ValidationError."""
        return tuple(super().clean(value) or ())

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether anything was entered that was not there."""
        return [each for each in data or () if each] != [each for each in initial or () if each]


def code_lists() -> dict[str, Mapping[str, str]]:
    """Return the lists that `programs/code_lists.html` prints, by the id of each."""
    return {CIP_LIST: classifications.CIP, SOC_LIST: classifications.SOC}


def _named(found: list[tuple[str, str]]) -> str:
    return "; ".join(f"{code} {title}" for code, title in found[:5])
