"""The limit: what one PostgreSQL gives a loop of psycopg that does nothing else."""
