"""What the load on a whole installation needs: the installation, its people, and what they do."""
