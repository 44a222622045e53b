"""The writes of students: one function per deed."""
