"""Rosters that are imported to be measured."""
