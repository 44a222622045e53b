"""gunicorn for Provost: `gunicorn config.wsgi --config docs/deploy/gunicorn.conf.py`."""

bind = "127.0.0.1:8000"
workers = 2
worker_class = "gthread"
threads = 8
# A request that takes longer than this is broken; at a stop, those under way have as long to end.
timeout = 30
graceful_timeout = 30
keepalive = 5
# Whatever a worker may have kept is given back after so many requests, and not by all workers at once.
max_requests = 5000
max_requests_jitter = 500
# The heartbeat of a worker is a file, which must not wait for a slow disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108 (gunicorn opens it for its owner alone, and unlinks it)
# Since version 27 a socket for control from outside would be opened by default; nobody needs that door.
control_socket_disable = True
accesslog = None
errorlog = "-"
