"""The engine of this project, in its ordinary cluster."""
