"""What templates of programs may ask for."""
