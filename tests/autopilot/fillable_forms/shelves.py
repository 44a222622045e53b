"""Forms on the shelf, and the people who keep them."""

from typing import Any

from django.contrib.auth.models import Permission, User
from pikepdf import Array, Name

from autopilot.fillable_forms import merging, shelf
from autopilot.models import FormEdition
from tests.autopilot.fillable_forms.paper import COMB, COMBO, RADIO, READ_ONLY, Paper

LEGAL_NAME = merging.MergeField("test.legal_name", "Legal name")
EIN = merging.MergeField("test.ein", "EIN")
OPENED = merging.MergeField("test.opened_on", "Day it opened")


def person(name: str, *rights: str) -> User:
    """Return somebody with some rights of forms."""
    user = User.objects.create_user(name, email=f"{name}@provost.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{right}_formedition" for right in rights]))
    return user


def content(note: str = "Edition 08/01/23 Expires 07/31/2099") -> bytes:
    """Return a form with a field of each kind, on two pages."""
    paper = Paper(pages=2)
    paper.write(note, at=(60, 60))
    paper.add("name", TU="Legal name of the provider", Ff=2)
    paper.add("ein", Ff=COMB, MaxLen=9, rect=(60, 600, 260, 620), TU="EIN")
    paper.add("nonprofit", "Btn", (60, 560, 72, 572), AP=paper.on("Yes"), TU="Nonprofit")
    paper.add("state", "Ch", Ff=COMBO, Opt=Array(["IN", "OH"]), rect=(60, 500, 160, 520), TU="State")
    paper.add("office", Ff=READ_ONLY, V="Richmond", rect=(60, 400, 260, 420))
    paper.add("signature", rect=(60, 300, 260, 320), TU="Signature of the provider")
    paper.add("opened", rect=(60, 700, 260, 720), page=2, TU="Opened on")
    kids = [paper.widget((60 + 30 * each, 600, 72 + 30 * each, 612), 2, AP=paper.on(str(each))) for each in range(2)]
    paper.family("kind", kids, FT=Name.Btn, Ff=RADIO, TU="Kind of provider")
    return paper.content(static_id=True)


def offer() -> None:
    """Let what the tests map be mapped."""
    merging.offer(LEGAL_NAME, EIN, OPENED)


def uploaded(by: User, **named: Any) -> FormEdition:
    """Return an edition just uploaded."""
    return shelf.upload(named.pop("content", None) or content(), agency="DWD", name="ETPL application", by=by)


def mapped(edition: FormEdition, by: User) -> FormEdition:
    """Return the edition with three fields mapped."""
    offer()
    rows = [
        shelf.Mapped("name", LEGAL_NAME.name, required=True),
        shelf.Mapped("ein", EIN.name, "digits"),
        shelf.Mapped("opened", OPENED.name, required=True),
    ]
    shelf.map_fields(edition, rows, among=[row.field for row in rows], by=by)
    edition.refresh_from_db()
    return edition
