"""The settings of the installation under load; nothing here needs Django, which reads them when it starts."""

import base64
import secrets

PORTAL_SECRET = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
# Of production, and the same for every process: this one signs the sessions that the web server reads.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "PROVOST_ENVIRONMENT": "production",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "FIELD_KEYS": f"k1={base64.b64encode(secrets.token_bytes(32)).decode()}",
    "ALLOWED_HOSTS": "127.0.0.1",
    "TRUSTED_PROXY_COUNT": "1",
    "PORTAL_SECRETS": f"sandbox={PORTAL_SECRET}",
    "LOG_LEVEL": "WARNING",
}
