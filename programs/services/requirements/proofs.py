"""Proofs: the files that a holder uploads for a requirement. What they replace stays, with the time it was replaced."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from autopilot import clock
from autopilot.models import Document
from autopilot.uploads import receive
from programs.models import HolderStatus, Requirement, RequirementStatus, RequirementUpload
from programs.services.requirements.checklist import MOU
from programs.services.requirements.moves import SUBMITTED, move_requirement, tell

MOST_FILES = 5
LONGEST_NAME = 200
Files = Sequence["File[Any]"]


def submit_proof(requirement: Requirement, *, files: Files, by: User, expires_on: date | None = None) -> None:
    """Hand one to five files to the reviewers as the proof of a requirement; they replace those of before.

    `expires_on`, the last day on which the proof is good, is needed where the type expires, and else ignored. Every
    file is checked before any is kept. Call it outside a transaction.

    Raises ValidationError under `files` and `expires_on`, with the codes `no_file`, `too_many`, `no_expiry`, `past`,
    those of `autopilot.uploads.receive`, `not_uploaded` for what is not proven by a file, `terminated`, and as
    `move_requirement` does.
    """
    hand_in(requirement, take_in(requirement, files=files, expires_on=expires_on), by=by)


@dataclass(frozen=True)
class TakenIn:
    """Files that were checked and archived as a proof, each with its name, and the last day on which it is good."""

    documents: tuple[tuple[Document, str], ...]
    expires_on: date | None


def take_in(requirement: Requirement, *, files: Files, expires_on: date | None = None) -> TakenIn:
    """Check and archive the files of a proof, which nobody is told of before `hand_in`; as `submit_proof` otherwise."""
    _require_open(requirement)
    wanted = _checked_expiry(requirement, expires_on)
    return TakenIn(tuple(_received(requirement, _counted(files))), wanted)


def hand_in(requirement: Requirement, proof: TakenIn, *, by: User) -> None:
    """Hand a proof to the reviewers, in the caller's transaction; the one that is with them already changes nothing.

    Raises ValidationError as `move_requirement` does.
    """
    _store(requirement, proof.documents, by, proof.expires_on)


def carry_proof(requirement: Requirement, documents: Sequence[tuple[Document, str]]) -> None:
    """Hand documents that came with the application to the reviewers as the first proof of a requirement.

    Each has its file name. The reviewer enters the expiry, which nobody was asked for. Raises as `move_requirement`.
    """
    _store(requirement, documents, None, None)


def _require_open(requirement: Requirement) -> None:
    if requirement.type.slug == MOU:
        raise ValidationError("The MOU is signed in the portal, under MOU; there is nothing to upload.", "not_uploaded")
    if requirement.holder.status == HolderStatus.TERMINATED:
        raise ValidationError("This organization is no longer in the network.", code="terminated")


def _checked_expiry(requirement: Requirement, expires_on: date | None) -> date | None:
    if not requirement.type.expires:
        return None
    require_future(expires_on)
    return expires_on


def require_future(expires_on: date | None) -> None:
    """Raise ValidationError under `expires_on` unless it is a day that has not passed."""
    if expires_on is None:
        text = "Enter the last day on which it is good; it stands on the document."
        raise ValidationError({"expires_on": ValidationError(text, code="no_expiry")})
    if expires_on < clock.today():
        text = "This day has passed. Upload a proof that is good today."
        raise ValidationError({"expires_on": ValidationError(text, code="past")})


def _counted(files: Files) -> Files:
    if not files:
        raise ValidationError({"files": ValidationError("Choose at least one file.", code="no_file")})
    if len(files) > MOST_FILES:
        text = f"Choose at most {MOST_FILES} files, or put their pages into one PDF."
        raise ValidationError({"files": ValidationError(text, code="too_many")})
    return files


def _received(requirement: Requirement, files: Files) -> list[tuple[Document, str]]:
    kept, problems = [], []
    for file in files:
        name = plain_name(file.name or "")
        try:
            kept.append((receive(file, title=requirement.type.title, tenant_id=requirement.holder_id), name))
        except ValidationError as refusal:
            problems.append(ValidationError(f"{name}: {' '.join(refusal.messages)}", code=refusal.code))
    if problems:
        raise ValidationError({"files": problems})
    return kept


def plain_name(name: str) -> str:
    """Return the name of a file as it may be shown: without folders and control characters, and not too long."""
    last = PurePath(name.replace("\\", "/")).name
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    return re.sub(r"\s+", " ", shown).strip()[:LONGEST_NAME] or "file"


def _is_there(requirement: Requirement, received: Sequence[tuple[Document, str]], expires_on: date | None) -> bool:
    """Return whether just this waits for the reviewers, since the same bytes are archived as the same document.

    A file of another name is another one to whom it is shown, whatever is in it.
    """
    if requirement.status != RequirementStatus.SUBMITTED or requirement.expires_on != expires_on:
        return False
    standing = requirement.uploads.filter(replaced_at=None).values_list("document", "file_name")
    return sorted(standing) == sorted((document.pk, name) for document, name in received)


@transaction.atomic
def _store(
    requirement: Requirement,
    received: Sequence[tuple[Document, str]],
    by: User | None,
    expires_on: date | None,
) -> None:
    locked = Requirement.objects.select_for_update().get(pk=requirement.pk)
    if _is_there(locked, received, expires_on):
        return
    now = clock.now()
    move_requirement(locked, RequirementStatus.SUBMITTED, by=by, expires_on=expires_on, remark="", reviewed_by=None,
                     reviewed_at=None)  # fmt: skip
    RequirementUpload.objects.filter(requirement=locked, replaced_at=None).update(replaced_at=now)
    RequirementUpload.objects.bulk_create(
        RequirementUpload(requirement=locked, document=document, file_name=name, uploaded_by=by, uploaded_at=now)
        for document, name in received
    )
    tell(SUBMITTED, locked)
    requirement.refresh_from_db()
