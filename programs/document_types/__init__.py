"""The types of documents that programs makes; importing declares them."""

from programs.document_types import billing, listings, mous

__all__ = ["billing", "listings", "mous"]
