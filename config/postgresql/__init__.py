"""Django's PostgreSQL, whose connections a web process keeps an eye on."""
