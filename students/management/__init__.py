"""The commands of students."""
