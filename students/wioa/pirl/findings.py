"""What a check found, and how much of it is kept."""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Severity(StrEnum):
    """How much a finding weighs: the first two keep a file from being accepted."""

    REJECT = "reject"
    ERROR = "error"
    WARN = "warn"


BLOCKING = frozenset({Severity.REJECT, Severity.ERROR})


class Stage(IntEnum):
    """The order of the checks: a later one is not run before the earlier ones are clean. Source: WIPS instructions."""

    LAYOUT = 1
    VALUE = 2
    DUPLICATE = 3
    LOGICAL = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to repair: where it is, by which rule, and how.

    `row` is the row of the file, counted from 1, and `obs` what its first field says; both are blank for what concerns
    the whole file. `value` is what the element holds, and blank where that concerns nobody but the person.
    """

    rule: str
    severity: Severity
    stage: Stage
    obs: str
    row: int | None
    element: str
    value: str
    message: str
    fix: str


@dataclass
class Report:
    """What was found in a file: every finding counted, the first of each stage kept.

    `limit` is how many of them are kept at most, of each stage; `not_run` are the rules that could not be applied,
    each with the reason.
    """

    schema: str
    draft: bool
    limit: int = 1000
    rows: int = 0
    not_run: dict[str, str] = field(default_factory=dict)
    reached: Stage = Stage.LOGICAL
    _kept: dict[Stage, list[Finding]] = field(default_factory=lambda: {stage: [] for stage in Stage})
    _counts: dict[Stage, Counter[tuple[Severity, str]]] = field(
        default_factory=lambda: {stage: Counter() for stage in Stage}
    )

    def add(self, finding: Finding) -> None:
        """Count a finding; one that blocks ends the later stages for the whole file."""
        self._counts[finding.stage][finding.severity, finding.rule] += 1
        if len(self._kept[finding.stage]) < self.limit:
            self._kept[finding.stage].append(finding)
        if finding.severity in BLOCKING and finding.stage < self.reached:
            self.reached = finding.stage

    @property
    def findings(self) -> list[Finding]:
        """The findings that are kept, of the stages that were reached, in the order of stages and rows."""
        return [finding for stage in Stage if stage <= self.reached for finding in self._kept[stage]]

    @property
    def by_rule(self) -> dict[str, int]:
        """How often each rule was broken, kept or not."""
        return dict(sorted((rule, count) for (_, rule), count in self._all.items()))

    @property
    def by_severity(self) -> dict[str, int]:
        """How many findings there are of each severity, kept or not."""
        counts = dict.fromkeys(map(str, Severity), 0)
        for (severity, _), count in self._all.items():
            counts[severity] += count
        return counts

    @property
    def duplicates(self) -> int:
        """How many of them are duplicates, which the agency counts apart."""
        return sum(self._counts[Stage.DUPLICATE].values()) if self.reached >= Stage.DUPLICATE else 0

    @property
    def total(self) -> int:
        """How many findings there are, kept or not."""
        return sum(self._all.values())

    @property
    def clean(self) -> bool:
        """Whether nothing keeps the file from being accepted; warnings do not."""
        return not any(severity in BLOCKING for severity, _ in self._all)

    @property
    def _all(self) -> Counter[tuple[Severity, str]]:
        counts: Counter[tuple[Severity, str]] = Counter()
        for stage in Stage:
            if stage <= self.reached:
                counts.update(self._counts[stage])
        return counts
