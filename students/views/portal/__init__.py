"""The pages about students in the holders' portal."""
