"""The password of everybody in the demonstration."""

PASSWORD = "provost-demo"  # noqa: S105 (a demonstration's, printed on its first page)
