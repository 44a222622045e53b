"""A student's own portal."""
