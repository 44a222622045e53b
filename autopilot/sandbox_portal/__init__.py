"""A portal to practice on: a separate small server that really receives, refuses, delays, drops and decides.

It stands for an authority's portal in the demo and in the tests, and speaks what `autopilot.submissions.wire` speaks.
It keeps its own SQLite file, knows none of Provost's tables, and listens on 127.0.0.1 only.

    POST /submissions               hand a packet in: the body is the packet, or multipart/mixed with its document
                                    first and its attachments after it, each part with a Content-Digest of its own
        Content-Type                its media type
        Content-Digest              sha-256=:<base64>: of the body (RFC 9530)
        Idempotency-Key             optional; the same key again returns the first receipt, while that is switched on
        webhook-id                  the packet's id; with webhook-timestamp and webhook-signature it signs the
                                    request (Standard Webhooks)
        → 201 {"number", "received_at", "sha256"}: the receipt, with the digest of the document that really arrived;
          and "attachments", the digests of what came with it, if anything did
        → 422 with "reasons" when the portal refuses the packet; 422 also for a digest that does not fit and for a key
          that came before with another packet
    GET /submissions?packet=<id>    {"submissions": [standing, …]}: what arrived under a packet's id, first one first
    GET /submissions/<number>       one standing: {"packet", "receipt", "status", "reasons"}, where status is
                                    received, accepted, refused, approved or denied
        Both are signed as above, over an empty body, with the packet's id as webhook-id.
    GET /counts                     {"arrivals", "submissions", "duplicates", "packets", "keys"}: every POST and what
                                    was stored, by packet and by key, so that duplicates show
    GET /behavior                   the switches, as `behavior.Behavior` describes them
    PUT /behavior                   set the switches that are named; the others stay
    GET /                           a page for people: what was received
    GET /healthz                    {"status": "ok"}

A decision is called out, if a callback address was given, as a signed POST with {"type": "submission.decided",
"timestamp", "data": standing}, repeated up to five times until it is answered with 2xx. Errors are problem+json.
"""

from autopilot.sandbox_portal.portal import SandboxPortal

__all__ = ["SandboxPortal"]
