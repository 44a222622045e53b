"""A criterion is a rule applied to a person: its verdict, why, by which facts, and what is missing to know it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from students.wioa.eligibility.facts import LABELS, Facts
from students.wioa.eligibility.figures import IncomeFigures
from students.wioa.eligibility.policy import LocalPolicy
from students.wioa.eligibility.rules import RULES, Rule
from students.wioa.eligibility.verdicts import Result, Verdict, every, some, truth

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


@dataclass(frozen=True)
class Case:
    """One person on the day of the determination.

    `evidence` are the keys of which proof is on file; `figures` and `policy` are those that hold for this person.
    """

    facts: Facts
    on: date
    evidence: frozenset[str] = frozenset()
    figures: IncomeFigures = field(default_factory=IncomeFigures)
    policy: LocalPolicy = field(default_factory=LocalPolicy)


@dataclass(frozen=True)
class Criterion:
    """A rule with its verdict.

    `facts` are those it looked at, `unknown` those of them that nobody knows, `evidence` the keys of proof that is
    missing, `human` that a person must judge; `parts` are the criteria it is made of.
    """

    rule: Rule
    verdict: Verdict
    because: str
    facts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    human: bool = False
    parts: tuple["Criterion", ...] = ()

    @property
    def result(self) -> Result:
        """What it asks of people: nothing more, a document, or a judgment."""
        if self.verdict is MET:
            return Result.PASS
        if self.verdict is NOT_MET:
            return Result.FAIL
        return Result.NEEDS_HUMAN if self.human else Result.NEEDS_DOCUMENT

    def find(self, key: str) -> "Criterion | None":
        """Return the first criterion of a rule within this one, itself included."""
        if self.rule.key == key:
            return self
        return next((found for part in self.parts if (found := part.find(key))), None)

    def as_json(self) -> dict[str, Any]:
        """Return it with its rule as JSON values."""
        rule = self.rule
        return {
            "key": rule.key,
            "title": rule.title,
            "verdict": self.verdict.value,
            "result": self.result.value,
            "because": self.because,
            "clause": rule.clause,
            "source": rule.source,
            "effective_from": rule.effective_from.isoformat(),
            "effective_to": rule.effective_to.isoformat() if rule.effective_to else None,
            "confirm": rule.confirm,
            "proof": rule.evidence,
            "facts": list(self.facts),
            "unknown": list(self.unknown),
            "evidence": list(self.evidence),
            "parts": [part.as_json() for part in self.parts],
        }


def claimed(case: Case, key: str, name: str) -> Criterion:
    """Judge a rule by one fact: a yes is met once its proof is on file, a no is not met."""
    return judged(case, key, truth(getattr(case.facts, name)), LABELS[name], (name,))


def denied(case: Case, key: str, name: str) -> Criterion:
    """Judge a rule that wants a fact not to be so."""
    value = getattr(case.facts, name)
    return judged(case, key, truth(None if value is None else not value), LABELS[name], (name,))


def decided(case: Case, key: str, name: str) -> Criterion:
    """Judge a rule on which a person decides; until then it waits for somebody."""
    verdict = truth(getattr(case.facts, name))
    because = "Somebody must judge this." if verdict is UNKNOWN else "Judged by the case manager."
    unknown = (name,) if verdict is UNKNOWN else ()
    return Criterion(RULES[key], verdict, because, (name,), unknown, human=verdict is UNKNOWN)


def judged(case: Case, key: str, verdict: Verdict, label: str, names: tuple[str, ...]) -> Criterion:
    """Return a criterion of facts: unknown facts and missing proof keep it from being met, a plain no does not wait."""
    rule = RULES[key]
    unknown = tuple(name for name in names if getattr(case.facts, name) is None)
    if verdict is UNKNOWN:
        return Criterion(rule, UNKNOWN, f"Not known: {_listed(unknown) or label}.", names, unknown, _wanted(case, rule))
    if verdict is MET and _wanted(case, rule):
        return Criterion(rule, UNKNOWN, f"Said, but not proven: {label}.", names, (), _wanted(case, rule))
    return Criterion(rule, verdict, f"{label}: {'yes' if verdict is MET else 'no'}.", names)


def all_of(key: str, parts: Iterable[Criterion]) -> Criterion:
    """Return the criterion that is met when each part is."""
    return _joined(key, tuple(parts), every, "Everything is met.", "Not met")


def any_of(key: str, parts: Iterable[Criterion]) -> Criterion:
    """Return the criterion that is met when one part is."""
    return _joined(key, tuple(parts), some, "Met", "Nothing of this is met.")


def _joined(
    key: str, parts: tuple[Criterion, ...], join: Callable[[Iterable[Verdict]], Verdict], met: str, unmet: str
) -> Criterion:
    verdict = join(part.verdict for part in parts)
    deciding = [part for part in parts if part.verdict is verdict]
    told = {MET: met, NOT_MET: unmet, UNKNOWN: "Not known yet"}[verdict]
    named = told if told.endswith(".") else f"{told}: {'; '.join(part.rule.title for part in deciding)}."
    facts = tuple(dict.fromkeys(name for part in parts for name in part.facts))
    if verdict is not UNKNOWN:
        return Criterion(RULES[key], verdict, named, facts, parts=parts)
    unknown = tuple(dict.fromkeys(name for part in deciding for name in part.unknown))
    evidence = tuple(dict.fromkeys(each for part in deciding for each in part.evidence))
    human = all(part.human for part in deciding)
    return Criterion(RULES[key], verdict, named, facts, unknown, evidence, human, parts)


def _wanted(case: Case, rule: Rule) -> tuple[str, ...]:
    return (rule.evidence,) if rule.evidence and rule.evidence not in case.evidence else ()


def _listed(names: Iterable[str]) -> str:
    return "; ".join(LABELS[name] for name in names)
