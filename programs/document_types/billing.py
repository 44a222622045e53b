"""What is written about money: invoices, credit notes, statements of account, remittances."""

from datetime import date
from decimal import Decimal

from autopilot import document_types
from autopilot.document_types import DocumentType, money, number, rows, text
from programs.services import billing_documents

BILL_TO = "Łukasz Nguyễn Welding & Pipefitting, LLC\n2400 Industrial Parkway\nMuncie, Indiana 47302"

INVOICE = document_types.declare(
    DocumentType(
        slug="invoice",
        title="Invoice",
        fields={
            "reference": text("Number"),
            "bill_to": text("Billed to: name and address, a line each"),
            "issued_on": document_types.date("Issued"),
            "due_on": document_types.date("Due"),
            "lines": rows(
                "Charges",
                {
                    "description": text("Description"),
                    "reference": text("Reference", optional=True),
                    "quantity": number("Quantity"),
                    "unit_price": money("Price"),
                    "tax": money("Tax", optional=True),
                    "amount": money("Amount"),
                },
            ),
            "tax_percent": number("Tax in percent"),
            "subtotal": money("Sum of the charges"),
            "tax": money("Sum of the taxes"),
            "total": money("To be paid"),
            "notes": text("Notes", optional=True),
        },
        make=billing_documents.invoice_document,
        about="programs.invoice",
        sample={
            "reference": "INV-202611-0042",
            "bill_to": BILL_TO,
            "issued_on": date(2026, 11, 20),
            "due_on": date(2026, 12, 20),
            "lines": [
                {
                    "description": "Platform fee, November 2026",
                    "reference": "fee:2026-11",
                    "quantity": 1,
                    "unit_price": Decimal("250.00"),
                    "tax": None,
                    "amount": Decimal("250.00"),
                },
                {
                    "description": "Welding kits for cohort SW-14",
                    "reference": "kits:SW-14",
                    "quantity": 12,
                    "unit_price": Decimal("84.50"),
                    "tax": Decimal("70.98"),
                    "amount": Decimal("1014.00"),
                },
                {
                    "description": "Certification exams, AWS D1.1",
                    "reference": "exams:SW-13",
                    "quantity": Decimal("7.5"),
                    "unit_price": Decimal("120.00"),
                    "tax": None,
                    "amount": Decimal("900.00"),
                },
            ],
            "tax_percent": Decimal("7.000"),
            "subtotal": Decimal("2164.00"),
            "tax": Decimal("70.98"),
            "total": Decimal("2234.98"),
            "notes": "Kits were delivered to the training site on November 9.",
        },
    )
)

CREDIT_NOTE = document_types.declare(
    DocumentType(
        slug="credit_note",
        title="Credit note",
        fields={
            "reference": text("Number"),
            "invoice_number": text("Invoice: number"),
            "invoice_total": money("Invoice: total"),
            "bill_to": text("Credited to: name and address, a line each"),
            "issued_on": document_types.date("Issued"),
            "reason": text("Reason"),
            "amount": money("Amount"),
        },
        make=billing_documents.credit_note_document,
        about="programs.creditnote",
        sample={
            "reference": "CRN-202612-0003",
            "invoice_number": "INV-202611-0042",
            "invoice_total": Decimal("2234.98"),
            "bill_to": BILL_TO,
            "issued_on": date(2026, 12, 2),
            "reason": "Two of the twelve welding kits were returned unopened.",
            "amount": Decimal("180.83"),
        },
    )
)

STATEMENT = document_types.declare(
    DocumentType(
        slug="statement",
        title="Statement of account",
        fields={
            "reference": text("Reference", optional=True),
            "holder": text("Holder: legal name"),
            "since": document_types.date("First day"),
            "until": document_types.date("Last day"),
            "opening": money("Balance on the first day"),
            "lines": rows(
                "Movements",
                {
                    "on": document_types.date("Day"),
                    "what": text("What happened"),
                    "reference": text("Reference", optional=True),
                    "amount": money("Amount"),
                    "balance": money("Balance after it"),
                },
            ),
            "closing": money("Balance on the last day"),
        },
        sample={
            "reference": None,
            "holder": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "since": date(2026, 10, 1),
            "until": date(2026, 12, 31),
            "opening": Decimal("310.00"),
            "lines": [
                {
                    "on": date(2026, 10, 8),
                    "what": "Payment",
                    "reference": "ACH 88120",
                    "amount": Decimal("-310.00"),
                    "balance": Decimal("0.00"),
                },
                {
                    "on": date(2026, 11, 20),
                    "what": "Invoice",
                    "reference": "INV-202611-0042",
                    "amount": Decimal("2234.98"),
                    "balance": Decimal("2234.98"),
                },
                {
                    "on": date(2026, 12, 2),
                    "what": "Credit note",
                    "reference": "CRN-202612-0003",
                    "amount": Decimal("-180.83"),
                    "balance": Decimal("2054.15"),
                },
            ],
            "closing": Decimal("2054.15"),
        },
    )
)

REMITTANCE = document_types.declare(
    DocumentType(
        slug="remittance",
        title="Payout remittance",
        fields={
            "reference": text("Number"),
            "pay_to": text("Paid to"),
            "account": text("Account, as it may be shown"),
            "payment_reference": text("Reference of the payment", optional=True),
            "paid_on": document_types.date("Paid"),
            "lines": rows(
                "Earnings",
                {
                    "earned_on": document_types.date("Day"),
                    "description": text("Description"),
                    "amount": money("Amount"),
                },
            ),
            "amount": money("Amount paid"),
        },
        make=billing_documents.remittance_document,
        about="programs.payout",
        sample={
            "reference": "PAY-202612-0007",
            "pay_to": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "account": "ending in 4471",
            "payment_reference": "ACH 90217",
            "paid_on": date(2026, 12, 15),
            "lines": [
                {
                    "earned_on": date(2026, 11, 30),
                    "description": "33.3% of net program revenue, structural welding, November 2026",
                    "amount": Decimal("4218.44"),
                },
                {
                    "earned_on": date(2026, 11, 30),
                    "description": "33.3% of net program revenue, pipefitting, November 2026",
                    "amount": Decimal("1906.02"),
                },
            ],
            "amount": Decimal("6124.46"),
        },
    )
)
