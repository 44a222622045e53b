"""Deeds that need a reason: one page says what each chosen row will become, asks why, and does it row by row."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from autopilot.admin.base import Row, StaffAdmin, staff
from autopilot.exceptions import AutopilotError

MOST_ROWS = 100
MOST_AT_ONCE = 1000
MOST_PREVIEWED = 20
LONGEST_BATCH = 15.0  # seconds; a request that takes longer is given up by what stands before this process
MOST_REFUSALS = 10
CONFIRMED, FROM_PAGE = "confirmed", "from_page"
Answers = dict[str, Any]
Do = Callable[[User, Any, Answers], str]


class ReasonForm(forms.Form):
    """Why it is done; a deed that needs to know more adds fields."""

    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Kept with your name, for everybody who reads this later.",
        error_messages={"required": "Say why; those who come after you read it."},
    )

    def __init__(self, *args: Any, rows: Sequence[Model], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows


@dataclass(frozen=True)
class Deed:
    """Something an operator does to rows: `button` names it, `done` what it was when it is done.

    `do` calls the service for one row and returns what becomes of it, as "It is cancelled at once."; an AutopilotError
    it raises is a refusal of that row. `foresee` does the same to look ahead, where that differs; what it did is taken
    back. `effect` tells on the page what the deed means. Without a `form` it is harmless, and done without a page.
    """

    button: str
    done: str
    effect: str
    do: Do
    foresee: Do | None = None
    form: type[ReasonForm] | None = ReasonForm
    danger: bool = False


@dataclass(frozen=True)
class Outlook:
    """What a deed would do to one row: a sentence, or why it is refused."""

    row: Model
    text: str
    refused: bool


def offer(
    shown_by: StaffAdmin[Row], request: HttpRequest, rows: QuerySet[Row], deed: Deed, back: str = ""
) -> HttpResponse | None:
    """Show what a deed would do and ask why; once that is answered, do it for every row that does not refuse.

    Each row has a transaction of its own. `back` is the address that it leads to in the end. Returns None when there
    are too many rows, or nothing more to show.
    """
    chosen = list(rows[: MOST_ROWS + 1])
    if len(chosen) > MOST_ROWS:
        shown_by.message_user(request, f"Choose at most {MOST_ROWS} rows at a time.", messages.WARNING)
        return None
    if FROM_PAGE in request.POST and chosen:
        back = _address(shown_by, chosen[0])
    if deed.form is None:
        return _perform(shown_by, request, chosen, deed, {}, back)
    form = deed.form(request.POST if CONFIRMED in request.POST else None, rows=chosen)
    if form.is_valid():
        return _perform(shown_by, request, chosen, deed, form.cleaned_data, back)
    return _page(shown_by, request, chosen, deed, form, back)


@dataclass(frozen=True)
class Batch:
    """What became of a part of many rows: how often it was done, what was refused, and after which row to go on."""

    done: int
    refused: list[Outlook]
    last: Model | None


def in_batch(rows: QuerySet[Row], by: User, deed: Deed, answers: Answers) -> Batch:
    """Do a deed to the first 1,000 of `rows`, or to as many as 15 seconds allow, each in a transaction of its own."""
    end = time.monotonic() + LONGEST_BATCH
    done, refused, last = 0, [], None
    for last in rows[:MOST_AT_ONCE]:
        outlook = _attempt(deed.do, by, last, answers)
        done += not outlook.refused
        refused += [outlook] if outlook.refused else []
        if time.monotonic() > end:
            break
    return Batch(done, refused, last)


def foreseen(rows: Sequence[Row], by: User, deed: Deed, form: ReasonForm) -> list[Outlook]:
    """Return what a deed would do to each row, with nothing done."""
    return [_foreseen(deed, by, row, form) for row in rows]


def _perform(
    shown_by: StaffAdmin[Row], request: HttpRequest, rows: Sequence[Row], deed: Deed, answers: Answers, back: str
) -> HttpResponse | None:
    outlooks = [_attempt(deed.do, staff(request), row, answers) for row in rows]
    done = [each for each in outlooks if not each.refused]
    refused = [each for each in outlooks if each.refused]
    if done:
        shown_by.message_user(request, f"{deed.done}: {_count(len(done), shown_by)}.", messages.SUCCESS)
    for each in refused[:MOST_REFUSALS]:
        shown_by.message_user(request, f"{each.row}: {each.text}", messages.WARNING)
    if len(refused) > MOST_REFUSALS:
        shown_by.message_user(request, f"{len(refused) - MOST_REFUSALS} more were refused.", messages.WARNING)
    return HttpResponseRedirect(back) if back else None


def _page(
    shown_by: StaffAdmin[Row], request: HttpRequest, rows: Sequence[Row], deed: Deed, form: ReasonForm, back: str
) -> TemplateResponse:
    outlooks = foreseen(rows, staff(request), deed, form)
    context = {
        **shown_by.admin_site.each_context(request),
        "title": f"{deed.button} {shown_by.opts.verbose_name_plural}",
        "opts": shown_by.opts,
        "deed": deed,
        "form": form,
        "outlooks": outlooks,
        "any_possible": any(not each.refused for each in outlooks),
        "possible": _count(sum(not each.refused for each in outlooks), shown_by),
        "action": request.POST.get("action", ""),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "from_page": FROM_PAGE in request.POST,
        "back": back or request.get_full_path(),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/autopilot/deed.html", context, status=status)


def _foreseen(deed: Deed, by: User, row: Model, form: ReasonForm) -> Outlook:
    """Do the deed and take it back: the service itself says what it would do."""
    answers = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    with transaction.atomic():
        outlook = _attempt(deed.foresee or deed.do, by, row, answers | {"reason": "foreseen"})
        transaction.set_rollback(True)
    return outlook


def _attempt(do: Do, by: User, row: Model, answers: Answers) -> Outlook:
    try:
        return Outlook(row, do(by, row, answers), refused=False)
    except AutopilotError as refusal:
        return Outlook(row, str(refusal), refused=True)


def _address(shown_by: StaffAdmin[Row], row: Row) -> str:
    return reverse(f"admin:{shown_by.opts.app_label}_{shown_by.opts.model_name}_change", args=[quote(str(row.pk))])


def _count(number: int, shown_by: StaffAdmin[Row]) -> str:
    name = shown_by.opts.verbose_name if number == 1 else shown_by.opts.verbose_name_plural
    return f"{number} {name}"
