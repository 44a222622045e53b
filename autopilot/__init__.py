"""The ground floor: durable jobs, and all that every app of the house may use."""

__version__ = "0.1.0"
