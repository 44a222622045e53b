"""Agencies' own PDF forms (AcroForm, ISO 32000-1 §12.7): read, judged and filled, always in a limited child process.

`desk.examine` tells what a form is and which fields it has; `desk.fill` writes values into it and tells, field by field,
what it refused. What is refused is not written, and nothing is ever clipped or replaced.
"""
