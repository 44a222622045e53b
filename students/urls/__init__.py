"""The addresses of students."""
