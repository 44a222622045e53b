"""The inbox: a list with tabs, whose rows tell who waits since when, what changed, and who has it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince

from autopilot import clock, reports
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.changes import sorted_out
from autopilot.admin.schemas import schema_of
from autopilot.admin.trails import SHOW, Trail
from autopilot.models import Checkpoint
from autopilot.reports.moments import brief

MOST_NAMES = 3
A_MINUTE = timedelta(minutes=1)


class TabFilter(admin.SimpleListFilter):
    """The tabs, which the page shows above the list."""

    title = "part of the inbox"
    parameter_name = SHOW
    template = "admin/autopilot/checkpoint/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every tab; without a choice, all that waits."""
        return [(name, tab.label) for name, tab in reports.TABS.items() if name]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Name the tab that is shown without a choice."""
        for index, choice in enumerate(super().choices(changelist)):
            yield choice if index else {**choice, "display": reports.WAITING.label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Checkpoint]) -> QuerySet[Checkpoint]:
        """Return the rows of the tab as this person sees it."""
        return reports.inbox(Trail.of(request.GET).tab, staff(request), queryset)


class Inbox(ChangeList):
    """A page of the inbox: what its rows tell is read for all of them at once."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the rows without their payloads, which no list shows."""
        return super().get_queryset(request, exclude_parameters).defer("payload")

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows of the page, and what they tell beside themselves."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        told = reports.tell(rows)
        for row in rows:
            row.told = told[row.pk]
        self.result_list = rows

    def url_for_result(self, result: Any) -> str:
        """Return the address of a row's page, which remembers the tab."""
        return Trail.of(self.params).to(result.pk)


class InboxAdmin(PageAdmin[Checkpoint]):
    """The list of checkpoints."""

    list_filter = [TabFilter, "kind"]
    list_select_related = ["assignee"]
    search_fields = ["title"]
    search_help_text = "A part of the title, as an application’s reference"
    change_list_template = "admin/autopilot/checkpoint/change_list.html"
    preserve_filters = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the inbox."""
        return Inbox

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order of the tab."""
        return Trail.of(request.GET).tab.ordering

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show of the decided ones how they ended, in place of what was promised."""
        if Trail.of(request.GET).tab.order.startswith("-"):
            return ("name", "state", "asked_by", "organization", "opened", "ended", "changed", "remarks")
        return ("name", "asked_by", "organization", "age", "due", "changed", "holder", "remarks")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list below its tabs."""
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            changelist = answer.context_data["cl"]
            specs = [spec for spec in changelist.filter_specs if isinstance(spec, TabFilter)]
            answer.context_data["tabs"] = [choice for spec in specs for choice in spec.choices(changelist)]
        return answer

    @admin.display(description="Checkpoint", ordering="title")
    def name(self, checkpoint: Checkpoint) -> str:
        """Show the title, and what is asked where it is not an approval."""
        signs = (
            [] if checkpoint.kind == Checkpoint.Kind.APPROVAL_REQUIRED else [("info", checkpoint.get_kind_display())]
        )
        if checkpoint.is_pending and checkpoint.changes_asked_version == checkpoint.payload_version:
            signs.append(("amended", "Changes asked for"))
        return format_html(
            "{}{}", checkpoint.title, format_html_join("", " <span class='badge is-{}'>{}</span>", signs)
        )

    @admin.display(description="Ended", ordering="decided_at", empty_value="—")
    def ended(self, checkpoint: Checkpoint) -> str | None:
        """Show when it was decided."""
        return brief(checkpoint.decided_at) if checkpoint.decided_at else None

    @admin.display(description="Status", ordering="status")
    def state(self, checkpoint: Checkpoint) -> str:
        """Show the status as a badge."""
        return badge(checkpoint.status, checkpoint.get_status_display())

    @admin.display(description="Requested by", ordering="requester_label")
    def asked_by(self, checkpoint: Checkpoint) -> str:
        """Show who asked for it."""
        return checkpoint.requester_label or "Nobody signed in"

    @admin.display(description="Organization")
    def organization(self, checkpoint: Checkpoint) -> str:
        """Show whose it is."""
        return str(_told(checkpoint).organization)

    @admin.display(description="Opened", ordering="created_at")
    def opened(self, checkpoint: Checkpoint) -> str:
        """Show when it was opened."""
        return brief(checkpoint.created_at)

    @admin.display(description="Waits", ordering="created_at")
    def age(self, checkpoint: Checkpoint) -> str:
        """Show for how long it has waited."""
        now = clock.now()
        told = timesince(checkpoint.created_at, now, depth=1) if now - checkpoint.created_at >= A_MINUTE else "Just now"
        return format_html('<time datetime="{}">{}</time>', checkpoint.created_at.isoformat(), told)

    @admin.display(description="Promised by", ordering="due_at", empty_value="No promise")
    def due(self, checkpoint: Checkpoint) -> str | None:
        """Show until when a decision is promised, and whether that has passed."""
        if checkpoint.due_at is None:
            return None
        promised = brief(checkpoint.due_at)
        late = checkpoint.is_pending and checkpoint.due_at <= clock.now()
        return format_html("<span>{} {}</span>", badge("overdue", "Overdue"), promised) if late else promised

    @admin.display(description="What changed", ordering="payload_version")
    def changed(self, checkpoint: Checkpoint) -> str:
        """Show which fields the last version changed, and who made it."""
        return what_changed(checkpoint, _told(checkpoint))

    @admin.display(description="Who has it", ordering="assignee__username", empty_value="Nobody")
    def holder(self, checkpoint: Checkpoint) -> str | None:
        """Show who has it in hand."""
        return checkpoint.assignee.get_username() if checkpoint.assignee else None

    @admin.display(description="Comments")
    def remarks(self, checkpoint: Checkpoint) -> int:
        """Show how many comments there are."""
        return _told(checkpoint).comments


def what_changed(checkpoint: Checkpoint, told: reports.Told) -> str:
    """Say in a few words what the last version changed, and who made it."""
    if checkpoint.payload_version == 1:
        return "First version"
    changes = sorted_out(told.changes, schema_of(checkpoint))
    names = [change.label for change in changes.made or changes.followed]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return (
        f"Version {checkpoint.payload_version} by {checkpoint.last_editor_label}: {', '.join(names[:MOST_NAMES])}{more}"
    )


def _told(checkpoint: Any) -> reports.Told:
    told: reports.Told = checkpoint.told
    return told
