"""A stored criterion as rows to read: what it asks, what the answer is and why, by which law, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from students.wioa.documentation import TOPICS
from students.wioa.eligibility.facts import LABELS

WORDS = {"met": "Met", "not_met": "Not met", "unknown": "Unknown"}
TONES = {"met": "pass", "not_met": "fail", "unknown": "warn"}
NEEDS = {"needs_document": "A document or a fact is missing", "needs_human": "Somebody must judge it"}


@dataclass(frozen=True)
class Row:
    """One criterion: `depth` is how far within others it stands, `missing` what to bring or to ask."""

    depth: int
    title: str
    verdict: str
    word: str
    tone: str
    because: str
    law: str
    need: str
    missing: tuple[str, ...]
    confirm: str


def rows_of(criterion: dict[str, Any], depth: int = 0, *, deepest: int = 9) -> Iterator[Row]:
    """Yield a criterion as `Criterion.as_json` wrote it, then what it is made of, down to a depth."""
    verdict = criterion["verdict"]
    leaf = not criterion["parts"]
    yield Row(
        depth,
        criterion["title"],
        verdict,
        WORDS[verdict],
        TONES[verdict],
        criterion["because"],
        f"{criterion['clause']}; {criterion['source']}",
        NEEDS.get(criterion["result"], "") if leaf else "",
        tuple(_missing(criterion)) if leaf else (),
        criterion["confirm"] if leaf and verdict == "unknown" else "",
    )
    if depth < deepest:
        for part in criterion["parts"]:
            yield from rows_of(part, depth + 1, deepest=deepest)


def proofs_in(criterion: dict[str, Any]) -> Iterator[str]:
    """Yield the topics whose proof a criterion that is met rests on."""
    if criterion["verdict"] == "met":
        if criterion["proof"] and not criterion["parts"]:
            yield criterion["proof"]
        for part in criterion["parts"]:
            yield from proofs_in(part)


def _missing(criterion: dict[str, Any]) -> Iterator[str]:
    for name in criterion["unknown"]:
        yield f"Fact: {LABELS.get(name, name)}"
    for key in criterion["evidence"]:
        topic = TOPICS.get(key)
        yield f"Proof: {topic.name} ({'; '.join(topic.documents)})" if topic else f"Proof: {key}"
