"""The writes of programs: one function per deed."""
