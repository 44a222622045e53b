"""Documents: PDFs made in a limited child process, and the write-once archive that keeps them.

`pdf.render` makes the bytes, `archive.store` keeps them, `archive.read` returns them unaltered or not at all.
"""
