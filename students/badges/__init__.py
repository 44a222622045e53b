"""Open Badges 3.0: what a certificate says to machines, signed, and the published list of what was revoked.

Nothing here knows the database: facts in, credentials out. The one secret is the key's file.
"""
