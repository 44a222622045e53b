"""What strangers send, opened in a limited process that ends with it; nothing here knows Django or the database."""
