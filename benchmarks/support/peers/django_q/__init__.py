"""Plain django-q2 with its ORM broker."""
