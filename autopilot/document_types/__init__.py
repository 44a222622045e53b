"""Types of documents: what each may say, by which template it is printed, and one call that makes and archives it.

An app declares its types in its `document_types.py`; its services call `produce` and never touch a template.
"""

from autopilot.document_types.errors import ContextRefused, TemplateRefused, UnprintableField
from autopilot.document_types.fields import Field, date, money, number, rows, text, yes_no
from autopilot.document_types.producing import produce, reproduce
from autopilot.document_types.types import DocumentType, Paper, declare, declared, given_to_tenants, named

__all__ = [
    "ContextRefused",
    "DocumentType",
    "Field",
    "Paper",
    "TemplateRefused",
    "UnprintableField",
    "date",
    "declare",
    "declared",
    "given_to_tenants",
    "money",
    "named",
    "number",
    "produce",
    "reproduce",
    "rows",
    "text",
    "yes_no",
]
