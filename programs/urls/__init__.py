"""The addresses of programs: the public site, and the holders' portal."""
