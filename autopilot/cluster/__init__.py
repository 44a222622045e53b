"""The processes that run handlers: the pump inside them, django-q2 around them, the supervisor above them."""
