"""What the pages of money share: exports, tasks on the page of a row, and a form of its own that adds one."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from autopilot.admin.base import PageAdmin, Row, staff
from autopilot.admin.exports import ExportedAdmin
from programs import money

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
Answers = dict[str, Any]


class MoneyField(forms.CharField):
    """An amount in dollars, with or without `$` and commas; what it may be is for the service to say."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off", "class": "short"}
        super().__init__(max_length=30, widget=forms.TextInput(attrs=attributes), **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount, or None for a field that may stay empty and is."""
        text = super().clean(value)
        return money.read(text) if text else None


class ReasonForm(forms.Form):
    """Why it is done."""

    reason = forms.CharField(
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Kept with your name, and shown to the holder where it concerns it.",
    )


@dataclass(frozen=True)
class Task:
    """Something staff do to a row on its page: `do` calls the service and returns what became of it, in a sentence.

    `permission` is who may, and `when` tells for which rows it is offered; the service decides in the end.
    """

    name: str
    title: str
    form: type[forms.Form]
    do: Callable[[User, Any, Answers], str]
    permission: str
    when: Callable[[Any], bool]
    effect: str = ""
    danger: bool = False


class TasksAdmin(PageAdmin[Row]):
    """A list of rows with tasks on their pages, and a page that adds one."""

    tasks: tuple[Task, ...] = ()
    add_permission = ""
    add_title = ""
    change_list_template = "admin/autopilot/exported_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add an address for each task."""
        return [
            path(
                f"<uuid:pk>/{task.name.replace('_', '-')}/",
                self.admin_site.admin_view(require_POST(partial(self.task_view, task))),
                name=f"{self.opts.model_name}_{task.name}",
            )
            for task in self.tasks
        ] + super().get_urls()

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may add rows by the page for it, where there is one."""
        return bool(self.add_permission) and request.user.has_perm(self.add_permission)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the way to the page that adds a row."""
        known = {"add_view": f"admin:{self.opts.app_label}_{self.opts.model_name}_add", "add_label": self.add_title}
        return super().changelist_view(request, known | (extra_context or {}))

    def page_context(self, request: HttpRequest, row: Row) -> dict[str, Any]:
        """Show the tasks that this person may do."""
        return {"tasks": [(task, task.form(auto_id=f"{task.name}_%s")) for task in self._offered(request, row)]}

    def task_view(self, task: Task, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do a task; what is wrong stands on the page of the row, beside its field."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not request.user.has_perm(task.permission):
            raise PermissionDenied
        form = task.form(request.POST, auto_id=f"{task.name}_%s")
        if form.is_valid():
            try:
                told = task.do(staff(request), row, form.cleaned_data)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                return self.done(request, row, told)
        others = [(each, each.form(auto_id=f"{each.name}_%s")) for each in self._offered(request, row) if each != task]
        return self.page(
            request, row, status=HTTPStatus.UNPROCESSABLE_ENTITY, tasks=[(task, form), *others], wrong=form
        )

    def done(self, request: HttpRequest, row: Row, told: str) -> HttpResponse:
        """Lead back to the page of the row, and tell what became of it."""
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(address_of(row))

    def add_page(self, request: HttpRequest, form: forms.Form, add: Callable[[User, Answers], Model]) -> HttpResponse:
        """Ask for what a new row needs; lead to the row once it is there."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if form.is_bound and form.is_valid():
            try:
                return HttpResponseRedirect(address_of(add(staff(request), form.cleaned_data)))
            except ValidationError as refusal:
                show_refusal(form, refusal)
        context = {
            **self.admin_site.each_context(request),
            "title": self.add_title,
            "opts": self.opts,
            "form": form,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "programs/admin/billing/add.html", context, status=status)

    def _offered(self, request: HttpRequest, row: Row) -> list[Task]:
        return [task for task in self.tasks if request.user.has_perm(task.permission) and task.when(row)]


class MoneyAdmin(ExportedAdmin[Row], TasksAdmin[Row]):
    """A list of money, its exports, and the tasks of its rows."""


def show_refusal(form: forms.Form, refusal: ValidationError) -> None:
    """Add what a service refuses to a form: to the field its code names, or above all of them."""
    code = getattr(refusal, "code", None)
    form.add_error(code if code in form.fields else None, refusal.messages)


def address_of(row: Model) -> str:
    """Return the address of the page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
