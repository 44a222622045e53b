"""The indicators of performance, from records as they are reported: each figure opens into the records behind it.

Sources: 20 CFR 677.155; TEGL 10-16, Change 3; 89 FR 13814 (effectiveness in serving employers).
"""
