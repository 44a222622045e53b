"""A Django app with the work that `benchmarks/steps.py` measures."""
