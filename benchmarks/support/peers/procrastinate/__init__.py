"""Procrastinate on PostgreSQL."""
