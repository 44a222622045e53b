"""Eligibility for Title I of WIOA: facts about a person in, a decision with every criterion out.

`decide(Case(facts, on, evidence, figures, policy))` judges by three values. A fact that nobody knows, a proof that is not
on file and a definition that nobody has set never pass and never fail silently: they are unknown, and the criterion
says what is missing. To know more never turns a verdict that stands into its opposite.
"""

from students.wioa.eligibility.criteria import Case, Criterion
from students.wioa.eligibility.decision import Decision, Program, decide
from students.wioa.eligibility.facts import LABELS, Facts, Sex
from students.wioa.eligibility.figures import IncomeFigures, LivingStandard, PovertyGuideline, shipped_guidelines
from students.wioa.eligibility.policy import Cap, LocalPolicy
from students.wioa.eligibility.rules import RULES, Rule
from students.wioa.eligibility.verdicts import Result, Verdict

__all__ = [
    "LABELS",
    "RULES",
    "Cap",
    "Case",
    "Criterion",
    "Decision",
    "Facts",
    "IncomeFigures",
    "LivingStandard",
    "LocalPolicy",
    "PovertyGuideline",
    "Program",
    "Result",
    "Rule",
    "Sex",
    "Verdict",
    "decide",
    "shipped_guidelines",
]
