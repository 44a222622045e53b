"""A Django app that only the tests of faults install."""
