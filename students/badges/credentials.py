"""The credential of a certificate: an Open Badges 3.0 AchievementCredential in the W3C data model 2.0."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
Credential = dict[str, Any]


@dataclass(frozen=True)
class Issuer:
    """Who issues: `id` is its address."""

    id: str
    name: str

    def profile(self) -> dict[str, Any]:
        """Return it as Open Badges has it."""
        return {"id": self.id, "type": ["Profile"], "name": self.name, "url": self.id}


@dataclass(frozen=True)
class Earned:
    """What a certificate says. `id` is the address of its public page, `subject` and `achievement` are IRIs without
    personal data, `status_list` and `status_index` its place among what can be revoked.
    """

    id: str
    issuer: Issuer
    subject: str
    student_name: str
    achievement: str
    title: str
    description: str
    criteria: str
    completed_on: date
    issued_at: datetime
    status_list: str
    status_index: int


def credential_of(earned: Earned) -> Credential:
    """Return the credential (Open Badges 3.0, B.1.1) with its entry in the status list."""
    return {
        "@context": CONTEXT,
        "id": earned.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": earned.issuer.profile(),
        "validFrom": written(earned.issued_at),
        "name": earned.title,
        "credentialSubject": {
            "id": earned.subject,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": earned.student_name,
                    "identityType": "name",
                }
            ],
            "activityEndDate": written(datetime.combine(earned.completed_on, datetime.min.time(), UTC)),
            "achievement": {
                "id": earned.achievement,
                "type": ["Achievement"],
                "achievementType": "CertificateOfCompletion",
                "name": earned.title,
                "description": earned.description,
                "criteria": {"narrative": earned.criteria},
            },
        },
        "credentialStatus": {
            "id": f"{earned.status_list}#{earned.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(earned.status_index),
            "statusListCredential": earned.status_list,
        },
    }


def written(moment: datetime) -> str:
    """Return a moment as the data model wants it, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
