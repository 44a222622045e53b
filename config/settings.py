"""Every setting of Provost, read once from the environment; the defaults are those of development."""

from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.env import ROOT

ENVIRONMENT = env.choice("PROVOST_ENVIRONMENT", "development", {"development", "test", "production"})
DEVELOPMENT_KEY = "development-only-key-that-check-refuses-in-production"
DEVELOPMENT_FIELD_KEY = "ZGV2ZWxvcG1lbnQtb25seS1rZXktb2YtMzItYnl0ZXM="
BASE_DIR = ROOT
SECRET_KEY = env.text("SECRET_KEY", DEVELOPMENT_KEY)
DEBUG = env.flag("DEBUG", False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")

if not SECRET_KEY or (ENVIRONMENT == "production" and SECRET_KEY == DEVELOPMENT_KEY):
    raise ImproperlyConfigured("SECRET_KEY is not set. Write a long random one into the environment.")

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "config.apps.ProvostAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "autopilot",
    "programs",
    "students",
    "instructors",
]

MIDDLEWARE = [
    "autopilot.requests.trace_request",
    "autopilot.api.problems.answer_in_problems",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Behind what answers without the database, before what asks it.
    "config.outages.AnswerOutages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "config.signin.middleware.limit_session",
    "config.signin.middleware.RequireSecondFactor",
    "config.signin.middleware.ConfirmBeforeDecision",
    # Last, as its makers ask: it turns the refusal of a locked sign-in into its own answer.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
FORM_RENDERER = "config.forms.ProvostRenderer"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.environment",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------------------------


# A host that vanished says nothing: the kernel gives such a connection up after ten seconds of unanswered words, or 25 of
# waiting. Without this a process waits for a quarter of an hour, long after the database is back.
AGAINST_SILENCE = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def database() -> dict[str, Any]:
    """Return the one database: SQLite in WAL mode unless DATABASE_URL names PostgreSQL."""
    configuration = env.database("DATABASE_URL", f"sqlite:///{ROOT / 'provost.sqlite3'}")
    if configuration["ENGINE"] == "django.db.backends.sqlite3":
        return configuration | {
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # The log goes into the file, and the disk is waited for, every 32 MB: at the default of 4 MB, that took
                # half the time of short jobs.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                "PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-32000;",
            },
        }
    limits = "-c idle_in_transaction_session_timeout=30s -c lock_timeout=20s"
    return configuration | {
        "ENGINE": "config.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Statements with parameters of their own, those of the engine's hot path, are planned once a connection.
        "OPTIONS": {"connect_timeout": 2, "options": limits, "prepare_threshold": 5}
        | AGAINST_SILENCE
        | configuration.get("OPTIONS", {}),
    }


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The engine ---------------------------------------------------------------------------------------------------

AUTOPILOT_WORKERS = env.number("AUTOPILOT_WORKERS", 2, least=1)
AUTOPILOT_LEASE = env.seconds("AUTOPILOT_LEASE_SECONDS", 30, least=3)
AUTOPILOT_PUMP_SLICE = env.seconds("AUTOPILOT_PUMP_SLICE_SECONDS", 20)
AUTOPILOT_WATCHDOG = env.seconds("AUTOPILOT_WATCHDOG_SECONDS", 30, least=3)
AUTOPILOT_SWEEP_INTERVAL = env.seconds("AUTOPILOT_SWEEP_SECONDS", 60)
AUTOPILOT_JOB_RETENTION_DAYS = env.number("AUTOPILOT_JOB_RETENTION_DAYS", 365, least=1)
AUTOPILOT_RUN_DIRECTORY = env.path("AUTOPILOT_RUN_DIRECTORY", "var/run")
AUTOPILOT_JOB_FILES = env.path("AUTOPILOT_JOB_FILES", "var/jobs")

Q_CLUSTER = {
    "name": "provost",
    "broker_class": "autopilot.cluster.broker.ResidentBroker",
    "workers": AUTOPILOT_WORKERS,
    "queue_limit": 1,
    "scheduler": False,
    "save_limit": -1,
    # Only the wait for a monitor at a stop goes by this: pumps carry no timeout, jobs have their own deadlines.
    "timeout": 3,
    "retry": 4,
    "max_attempts": 1,
    "ack_failures": True,
    "recycle": 200,
    "log_level": "WARNING",
    "cache": "cluster",
}

# --- Billing ------------------------------------------------------------------------------------------------------

INVOICE_DUE_DAYS = env.number("INVOICE_DUE_DAYS", 30)
BANK_HOLD_DAYS = env.number("BANK_HOLD_DAYS", 5)

# --- Students -----------------------------------------------------------------------------------------------------

# Whether nobody's training begins before they have signed the enrollment agreement.
ENROLLMENT_AGREEMENT_REQUIRED = env.flag("ENROLLMENT_AGREEMENT_REQUIRED", False)

# --- The outside --------------------------------------------------------------------------------------------------

OUTBOUND_HOSTS = env.words("OUTBOUND_HOSTS")
OUTBOUND_PRIVATE_HOSTS = env.words("OUTBOUND_PRIVATE_HOSTS")
PORTAL_SECRETS = env.pairs("PORTAL_SECRETS")
FIELD_KEYS = env.pairs("FIELD_KEYS") or {"development": DEVELOPMENT_FIELD_KEY}
if ENVIRONMENT == "production" and DEVELOPMENT_FIELD_KEY in FIELD_KEYS.values():
    raise ImproperlyConfigured("FIELD_KEYS is not set. Write name=key into the environment: 32 random bytes in Base64.")
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)

EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.path("EMAIL_FILE_PATH", "var/mail")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10, least=1)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Provost <provost@localhost>")

ARCHIVE_ROOT = env.path("ARCHIVE_ROOT", "var/archive")
ARCHIVE_STORAGE = env.choice("ARCHIVE_STORAGE", "disk", {"disk", "s3"})
ARCHIVE_S3_BUCKET = env.text("ARCHIVE_S3_BUCKET", "")
ARCHIVE_S3_ENDPOINT = env.text("ARCHIVE_S3_ENDPOINT", "")
ARCHIVE_S3_REGION = env.text("ARCHIVE_S3_REGION", "")
ARCHIVE_S3_MODE = env.choice("ARCHIVE_S3_MODE", "governance", {"governance", "compliance"})
ARCHIVE_S3_DAYS = env.number("ARCHIVE_S3_DAYS", 1096, least=1)
if ARCHIVE_STORAGE == "s3" and not ARCHIVE_S3_BUCKET:
    raise ImproperlyConfigured("ARCHIVE_S3_BUCKET is not set. Name the bucket of the archive, made with Object Lock.")
LEDGER_WITNESSES = env.words("LEDGER_WITNESSES")
BACKUP_KEY = env.text("BACKUP_KEY", "")
SEAL_FILE = env.path("SEAL_FILE", "var/seal.p12")
SEAL_PASSWORD = env.text("SEAL_PASSWORD", "")
CERTIFICATE_KEY_FILE = env.path("CERTIFICATE_KEY_FILE", "var/certificate-key.pem")
CERTIFICATE_KEY_PASSWORD = env.text("CERTIFICATE_KEY_PASSWORD", "")
NETWORK_NAME = env.text("NETWORK_NAME", "Provost Workforce Training Network")
CERTIFICATE_SIGNER = env.text("CERTIFICATE_SIGNER", "") or NETWORK_NAME
CERTIFICATE_SIGNER_TITLE = env.text("CERTIFICATE_SIGNER_TITLE", "Issuer")

# --- Pages --------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", "var/static")
if ENVIRONMENT != "production":
    # In production collectstatic makes it; WhiteNoise wants it there in any case.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENVIRONMENT == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT != "production"

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "home"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# What a proxy says of the way a request came is believed only where there is one of ours.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", ENVIRONMENT == "production")
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000 if ENVIRONMENT == "production" else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT == "production"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT == "production"
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- Sign-in ------------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED", ENVIRONMENT == "production")
SESSION_IDLE = env.seconds("SESSION_IDLE_SECONDS", 1800)
SESSION_COOKIE_AGE = env.number("SESSION_ABSOLUTE_SECONDS", 43_200, least=60)
DECISION_REAUTHENTICATION = env.seconds(
    "DECISION_REAUTHENTICATION_SECONDS", 900 if ENVIRONMENT == "production" else 43_200
)

ACCOUNT_ADAPTER = "config.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Else anybody could have mail sent to any address.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# A failed sign-in is counted by axes alone, per account and address: else anybody could lock anybody out. Whoever guesses
# codes has the password already, so those are counted per account as well.
ACCOUNT_RATE_LIMITS = {"login_failed": False, "second_factor": "20/15m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "config.signin.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Provost"
MFA_FORMS = {
    "authenticate": "config.signin.codes.SignInCodeForm",
    "reauthenticate": "config.signin.codes.ConfirmingCodeForm",
    "activate_totp": "config.signin.codes.ActivateAppForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Staff enter the addresses; a person's own word is not needed, and there is no page to give it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = False

AXES_FAILURE_LIMIT = env.number("LOGIN_FAILURE_LIMIT", 10, least=1)
AXES_COOLOFF_TIME = env.seconds("LOGIN_COOL_OFF_SECONDS", 900)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "autopilot.requests.client_address"
AXES_USERNAME_CALLABLE = "config.signin.lockout.username_of"
AXES_LOCKOUT_CALLABLE = "config.signin.lockout.refuse"
# The cool-off begins with the failure that locked, whatever is tried meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "code", "credential", "next", "csrfmiddlewaretoken"]
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- The API ------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["autopilot.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["autopilot.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["autopilot.api.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "autopilot.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "autopilot.api.schemas.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["autopilot.api.throttles.PerCaller"],
    "DEFAULT_THROTTLE_RATES": {"caller": env.text("API_RATE", "600/min")},
    "EXCEPTION_HANDLER": "autopilot.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Provost",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "autopilot.api.schemas.introduce",
    ],
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "autopilot.models.jobs.JobStatus",
        "CheckpointStatus": "autopilot.models.checkpoints.Checkpoint.Status",
        "ApplicationStatus": "programs.models.ApplicationStatus",
        "ListingStatus": "programs.models.listings.ListingStatus",
        "CertificateStatus": "students.models.certificates.CertificateStatus",
        "State": "programs.codes.STATES.items",
    },
}
API_PUMP_SECRET = env.text("API_PUMP_SECRET", "")
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

# --- Alerts -------------------------------------------------------------------------------------------------------

ALERT_FAILED = env.number("ALERT_FAILED", 5)
ALERT_FAILED_WINDOW = env.seconds("ALERT_FAILED_WINDOW_SECONDS", 3600)
ALERT_DEPTH = env.number("ALERT_DEPTH", 100)
ALERT_RUN = env.seconds("ALERT_RUN_SECONDS", 300)
ALERT_CLUSTER_SILENT = env.seconds("ALERT_CLUSTER_SILENT_SECONDS", 3600)

# --- What a state decides, and nobody else --------------------------------------------------------------------------

WIOA_COMMON_EXIT = env.words("WIOA_COMMON_EXIT")

# --- Language, time, caches, logs -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "America/New_York")

CACHES = {
    # In the database, so that every process counts the same: sign-ins, throttles, one-time codes.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "config_cache"}
    if ENVIRONMENT == "production"
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Figures that many people look at: a few seconds old, taken once for all processes.
    "figures": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "config_cache"}
    if ENVIRONMENT == "production"
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "figures"},
    # django-q2 writes its process list here; ours is the ClusterHeartbeat table.
    "cluster": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

LOG_FORMAT = env.choice("LOG_FORMAT", "json" if ENVIRONMENT == "production" else "text", {"json", "text"})
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonLines"}, "text": {"()": "config.logs.TextLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Without handlers of their own: Django's would mail whole requests, and write lines of another form.
        "django": {"level": "INFO"},
        "django.server": {"level": "INFO", "propagate": True},
        "django-q": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

# --- Errors, told to Sentry -----------------------------------------------------------------------------------------

SENTRY_DSN = env.text("SENTRY_DSN", "")
SENTRY_TRACES_PERCENT = env.number("SENTRY_TRACES_PERCENT", 0)

env.refuse_unknown()
