"""The tests of uploaded tables."""
