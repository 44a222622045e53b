"""The tests of students."""
