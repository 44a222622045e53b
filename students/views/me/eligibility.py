"""What a student sees of the determination of their eligibility: where it stands, for which programs, and the letter."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from autopilot.documents import downloads
from students.me import Panel, Records, panel
from students.models import Determination, DeterminationStatus
from students.views.me.base import MeView

TOLD = {
    DeterminationStatus.GATHERING: "We gather what is needed to decide. Upload the documents that we ask you for.",
    DeterminationStatus.IN_REVIEW: "A reviewer decides on it now.",
    DeterminationStatus.ELIGIBLE: "You are eligible.",
    DeterminationStatus.INELIGIBLE: "You are not eligible. The letter says why, and what you can do about it.",
    DeterminationStatus.SUBMITTED: "You are eligible. We have sent it to the state.",
    DeterminationStatus.CERTIFIED: "You are eligible, and the state has certified it.",
    DeterminationStatus.REFUSED: "The state has not accepted it. We look into it, and write to you.",
}


class Letter(MeView):
    """The letter that tells what was decided."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, determination_id: UUID) -> HttpResponse:
        """Hand it out; another's is not there."""
        rows = Determination.objects.select_related("letter").filter(student__in=self.records)
        letter = get_object_or_404(rows, pk=determination_id).letter
        if letter is None:
            raise Http404
        return downloads.as_file(letter, by=self.user, name="eligibility-letter")


@panel(10)
def eligibility(records: Records) -> Panel | None:
    """Tell where the newest determination stands."""
    rows = Determination.objects.filter(student__in=records).exclude(status=DeterminationStatus.WITHDRAWN)
    newest = rows.order_by("-created_at", "-id").first()
    if newest is None:
        return None
    lines = [TOLD[DeterminationStatus(newest.status)]]
    if newest.decided_at is not None and newest.programs:
        lines.append(f"Programs: {', '.join(newest.programs)}.")
    address = reverse("me:letter", args=[newest.pk]) if newest.letter_id else ""
    return Panel("Your eligibility", tuple(lines), "Download the letter", address)
