"""The PIRL file: its schema as data, records and how they are written and read, and the edit checks."""
