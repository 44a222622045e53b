"""Judging an open form: what it is, and whether its fields can be filled."""

from collections.abc import Iterator, Mapping
from typing import Any

from autopilot.fillable_forms import editions, flags, objects, shapes
from autopilot.fillable_forms.reading import Live, annotations
from autopilot.fillable_forms.shapes import Triage
from autopilot.fillable_forms.tree import DEEPEST, form_of

# What each refusal tells; the key is the reason in a word.
TOLD = {
    "dynamic_xfa": "The form is a dynamic XFA form: its pages do not exist until Adobe software makes them. "
    "Ask the agency for a static PDF, or fill it by hand.",
    "no_fields": "The file has no fields that can be filled. Ask the agency for its fillable form.",
    "orphan_widgets": "The file was saved again by a program that cut fields off the form: {count} of {all} places "
    "to fill belong to no field. Take the original from the agency.",
    "signed": "The form is signed already, and writing into it would break the signature. "
    "Ask the agency for an unsigned form.",
}


def judge(pdf: Any, lives: Mapping[str, Live], text: str = "") -> Triage:
    """Return what a form is; `text` is the printed text of its pages, searched for edition and expiry."""
    fields = [live.field for live in lives.values()]
    fillable = [field for field in fields if field.type in shapes.FILLABLE]
    orphans = list(_orphans(pdf, lives))
    kind = _kind(pdf, lives)
    refusal = _refusal(kind, pdf, lives, orphans)
    expiry = editions.expiry_in(text)
    rights = objects.mapping(pdf.Root.get("/Perms"))
    return Triage(
        refusal=refusal,
        message=TOLD[refusal].format(count=len(orphans), all=len(orphans) + _places(lives)) if refusal else "",
        names=tuple(orphans) if refusal == "orphan_widgets" else (),
        kind=kind,
        pages=len(pdf.pages),
        fields=len(fields),
        fillable=len(fillable),
        encrypted=pdf.is_encrypted,
        permits_filling=pdf.allow.modify_form or pdf.allow.modify_annotation,
        javascript=_has_javascript(pdf, lives),
        usage_rights="/UR" in rights or "/UR3" in rights,
        certified="/DocMDP" in rights,
        tagged="/StructTreeRoot" in pdf.Root,
        signature_fields=tuple(field.name for field in fields if field.type == shapes.SIGNATURE),
        calculated=tuple(field.name for field in fields if field.calculated),
        edition=editions.edition_in(text),
        expires=expiry[0] if expiry else "",
        expires_on=expiry[1].isoformat() if expiry else "",
    )


def _kind(pdf: Any, lives: Mapping[str, Live]) -> str:
    if "/XFA" in form_of(pdf):
        shown = any(any(live.shown) for live in lives.values() if live.field.type in shapes.FILLABLE)
        return "hybrid_xfa" if shown and pdf.Root.get("/NeedsRendering") is not True else "dynamic_xfa"
    return "acroform" if lives else "none"


def _refusal(kind: str, pdf: Any, lives: Mapping[str, Live], orphans: list[str]) -> str:
    if kind == "dynamic_xfa":
        return "dynamic_xfa"
    if orphans:
        return "orphan_widgets"
    if not any(live.field.type in shapes.FILLABLE for live in lives.values()):
        return "no_fields"
    return "signed" if _is_signed(pdf, lives) else ""


def _is_signed(pdf: Any, lives: Mapping[str, Live]) -> bool:
    """Whether a person signed: the agency's own certification (DocMDP) is not meant."""
    certifying = objects.identity(objects.mapping(pdf.Root.get("/Perms")).get("/DocMDP"))
    signatures = [live.node.facts["/V"] for live in lives.values() if _holds_signature(live)]
    return any(certifying is None or objects.identity(each) != certifying for each in signatures)


def _holds_signature(live: Live) -> bool:
    return live.field.type == shapes.SIGNATURE and "/Contents" in objects.mapping(live.node.facts.get("/V"))


def _orphans(pdf: Any, lives: Mapping[str, Live]) -> Iterator[str]:
    """Name the places to fill that a page shows and no field of the form reaches.

    Buttons and signatures do not count, nor what is hidden: nobody would have filled them.
    """
    reached = {objects.identity(place.widget) for live in lives.values() for place in live.node.places} - {None}
    for _, each in annotations(pdf):
        shown = not objects.integer(each.get("/F")) & (flags.HIDDEN | flags.NO_VIEW)
        if objects.word(each.get("/Subtype")) == "Widget" and shown and objects.identity(each) not in reached:
            name, fillable = _lineage(each)
            if fillable:
                yield name


def _lineage(widget: Any) -> tuple[str, bool]:
    """Return the full name a widget claims by its parents, and whether it is a place to fill."""
    names: list[str] = []
    kind, bits, node = "", None, widget
    for _ in range(DEEPEST):
        names += [objects.text(node["/T"])] if "/T" in node else []
        kind = kind or objects.word(node.get("/FT"))
        bits = node.get("/Ff") if bits is None else bits
        node = objects.mapping(node.get("/Parent"))
    pushed = kind == "Btn" and objects.integer(bits) & flags.PUSH_BUTTON
    return ".".join(reversed(names)) or "without a name", kind in {"Tx", "Btn", "Ch"} and not pushed


def _places(lives: Mapping[str, Live]) -> int:
    return sum(len(live.node.places) for live in lives.values())


def _has_javascript(pdf: Any, lives: Mapping[str, Live]) -> bool:
    names = objects.mapping(pdf.Root.get("/Names"))
    roots = [pdf.Root.get("/OpenAction"), *_actions(pdf.Root)]
    of_fields = [
        act for live in lives.values() for holder in _holders(live) for act in (holder.get("/A"), *_actions(holder))
    ]
    return "/JavaScript" in names or any(_is_script(each) for each in roots + of_fields)


def _holders(live: Live) -> list[Any]:
    return [*live.node.owners, *(place.widget for place in live.node.places)]


def _actions(holder: Any) -> list[Any]:
    return [action for _, action in objects.mapping(holder.get("/AA")).items()]


def _is_script(action: Any) -> bool:
    return objects.word(objects.mapping(action).get("/S")) == "JavaScript"
