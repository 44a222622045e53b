"""Amend what a checkpoint asks about: the form as it opens, and what becomes of it when it is sent."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from autopilot import engine
from autopilot.admin.amendments import AmendForm
from autopilot.admin.base import staff
from autopilot.admin.changes import Changes, changes_since
from autopilot.admin.schemas import schema_of
from autopilot.admin.shapes import is_reshaping, rebased, reshaped
from autopilot.documents.errors import PdfError
from autopilot.exceptions import DecisionRefused, FormInvalid, StaleVersion
from autopilot.models import Checkpoint, CheckpointRevision

ACTION = "action"


@dataclass(frozen=True)
class Page:
    """The page with the form: its status, what changed meanwhile; or the version that was saved."""

    form: AmendForm
    status: HTTPStatus = HTTPStatus.OK
    refusal: str = ""
    missed: Changes | None = None
    saved: CheckpointRevision | None = field(default=None)


def opened(checkpoint: Checkpoint) -> Page:
    """Return the page as it opens."""
    return Page(_form(checkpoint, checkpoint.payload_version))


def taken(request: HttpRequest, checkpoint: Checkpoint) -> Page:
    """Save a new version, or return the page with what was typed and why it was not saved."""
    action = request.POST.get(ACTION, "")
    if is_reshaping(action):
        shape = reshaped(schema_of(checkpoint), request.POST, action)
        return Page(_form(checkpoint, _version(request, checkpoint), shape=shape, comment=_comment(request)))
    form = _form(checkpoint, checkpoint.payload_version, data=request.POST)
    if not form.is_valid():
        return Page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.cleaned_data["version"] != checkpoint.payload_version:
        return _overtaken(request, checkpoint, form.cleaned_data["version"])
    return _saved(request, checkpoint, form)


def _saved(request: HttpRequest, checkpoint: Checkpoint, form: AmendForm) -> Page:
    said = form.cleaned_data
    try:
        revision = engine.amend(
            checkpoint.pk, actor=staff(request), version=said["version"], edits=form.edits(), comment=said["comment"]
        )
    except FormInvalid as refusal:
        form.take_errors(refusal.errors or {"": str(refusal)})
        return Page(form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except StaleVersion:
        checkpoint.refresh_from_db()
        return _overtaken(request, checkpoint, said["version"])
    except (DecisionRefused, PdfError) as refusal:
        return Page(form, HTTPStatus.CONFLICT, refusal=str(refusal))
    return Page(form, saved=revision)


def _overtaken(request: HttpRequest, checkpoint: Checkpoint, seen: int) -> Page:
    """Put what was typed on the version that somebody else saved meanwhile."""
    base = checkpoint.revisions.filter(version=seen).first()
    payload = base.payload if base else checkpoint.payload
    shape = rebased(schema_of(checkpoint), payload, checkpoint.payload, request.POST)
    saved = f"{checkpoint.last_editor_label or 'Somebody'} saved version {checkpoint.payload_version}"
    refusal = f"{saved} while you were writing. Your changes are kept below."
    form = _form(checkpoint, checkpoint.payload_version, shape=shape, comment=_comment(request))
    return Page(form, HTTPStatus.CONFLICT, refusal=refusal, missed=changes_since(checkpoint, seen))


def _form(checkpoint: Checkpoint, version: int, **how: Any) -> AmendForm:
    return AmendForm(schema_of(checkpoint), checkpoint.payload, version, **how)


def _comment(request: HttpRequest) -> str:
    return request.POST.get("comment", "")


def _version(request: HttpRequest, checkpoint: Checkpoint) -> int:
    """Return the version the page was opened with, so that a record more does not hide what was saved meanwhile."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else checkpoint.payload_version
