"""Students over the API: the same services as the portal."""
