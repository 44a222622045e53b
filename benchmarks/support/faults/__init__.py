"""The phases of `benchmarks/faults.py`, and the installation they harm."""
