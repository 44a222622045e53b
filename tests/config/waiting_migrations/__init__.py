"""A migration that no database has: what a deployment looks like whose migrate was forgotten."""
