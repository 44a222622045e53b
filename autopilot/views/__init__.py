"""Doors that belong to no list: the dashboard, and the figures for machines."""
