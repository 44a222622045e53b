"""How people in tests sign in."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client

PASSWORD = "seven herons over water"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def person(name: str = "rivera", **fields: Any) -> User:
    """Return a new member of staff with a password."""
    about = {"is_staff": True, "email": f"{name}@provost.example", **fields}
    return User.objects.create_user(name, password=PASSWORD, **about)


def with_app(user: User) -> User:
    """Return a person who has set up an authenticator app with SECRET, and has recovery codes."""
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code(secret: str = SECRET) -> str:
    """Return what the app shows now; early in its half minute, so that it is still good when it arrives."""
    while time.time() % 30 > 27:
        time.sleep(0.1)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def recovery_codes(user: User) -> list[str]:
    """Return the recovery codes that a person has left."""
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return list(kept.wrap().get_unused_codes())


def enter(client: Client, name: str = "rivera", password: str = PASSWORD, **how: Any) -> Any:
    """Send the form that signs in."""
    return client.post("/accounts/login/", {"login": name, "password": password}, **how)


def give(client: Client, text: str, **how: Any) -> Any:
    """Send a code to the second page of signing in."""
    return client.post("/accounts/2fa/authenticate/", {"code": text}, **how)


def is_in(client: Client) -> bool:
    """Tell whether a client may open a page that only somebody who is signed in may open."""
    return bool(client.get("/accounts/sessions/").status_code == 200)
