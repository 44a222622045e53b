"""The printers that `benchmarks/documents.py` compares, each warm, each given the same documents."""
