"""What the staff pages of the ground floor share."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from autopilot import audit

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    RowPaginator = Paginator[Model]
else:
    RowPaginator = Paginator

    class ModelAdmin(admin.ModelAdmin):
        """Django's own, which takes a type parameter here."""

        __class_getitem__ = classmethod(lambda cls, row: cls)


def badge(status: str, label: str) -> SafeString:
    """Return a status as a badge: color, sign and word."""
    return format_html('<span class="badge is-{}">{}</span>', status, label)


def staff(request: HttpRequest) -> User:
    """Return who is signed in; the admin lets nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class CappedPaginator(RowPaginator):
    """Count no further than anybody turns pages: to count millions takes seconds."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        """Return how many rows there are; one more than `most` stands for all that are beyond."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return int(rows.order_by()[: self.most + 1].count())  # to count, nobody needs to sort
        return len(rows[: self.most + 1])


class StaffAdmin(ModelAdmin[Row]):
    """A list of the ground floor: bounded in its queries, and without a count of millions."""

    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; an id in the request that is none leads back to it."""
        try:
            return super().changelist_view(request, extra_context)
        except ValidationError:
            self.message_user(request, "Some of what was chosen does not exist.", messages.ERROR)
            return HttpResponseRedirect(request.path)


def filtered(shown_by: StaffAdmin[Row], request: HttpRequest) -> ChangeList:
    """Return the list that the filters of a request leave, to act on it; refuse a request whose filters it lacks."""
    try:
        return shown_by.get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise BadRequest("This list has no such filters.") from error


class ReadOnlyAdmin(StaffAdmin[Row]):
    """Rows that only services write: to find and to read."""

    change_form_template = "admin/autopilot/record.html"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class PageAdmin(ReadOnlyAdmin[Row]):
    """Rows that have a page of their own in place of Django's form."""

    page_template = ""

    def page_context(self, request: HttpRequest, row: Row) -> dict[str, Any]:
        """Return what the page shows of a row."""
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of a row to who may view it; nobody writes through it."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return super().change_view(request, object_id, form_url, extra_context)  # Django leads back to the list
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, row):
            raise PermissionDenied
        return self.page(request, row)

    def page(
        self, request: HttpRequest, row: Row, template: str = "", status: int = 200, **more: Any
    ) -> TemplateResponse:
        """Return the page of a row; `more` is added to what it shows."""
        context = {
            **self.admin_site.each_context(request),
            "title": str(self.opts.verbose_name).capitalize(),
            "subtitle": str(row),
            "opts": self.opts,
            "original": row,
            **self.page_context(request, row),
            **more,
        }
        return TemplateResponse(request, template or self.page_template, context, status=status)


class ConfigurationAdmin(StaffAdmin[Row]):
    """Rows that staff configure: what they change, and when, stands in the audit."""

    def save_model(self, request: HttpRequest, obj: Row, form: "ModelForm[Row]", change: bool) -> None:
        """Save the row, and record which of its fields were set; Django's admin does both in one transaction."""
        super().save_model(request, obj, form, change)
        deed = "changed" if change else "created"
        audit.record(staff(request), self._deed(deed), obj, fields=sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        """Delete the row, and record it."""
        audit.record(staff(request), self._deed("deleted"), obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        """Delete the chosen rows, and record each."""
        for row in queryset:
            self.delete_model(request, row)

    def _deed(self, done: str) -> str:
        return f"{self.opts.app_label}.{self.opts.model_name}.{done}"
