"""What is sensitive about a student: in a table of its own, each column encrypted with a key of that student alone.

29 CFR 38.41 asks that what is medical is kept apart and confidential; TEGL 39-11 that no key or list shows a Social
Security number. Nothing here is in any list, export, webhook or answer of the API.
"""

from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.encryption import EncryptedTextField, Keys
from students.models.students import Student

OWN = "own"


class Answer(models.TextChoices):
    """What somebody says to a question that nobody must answer."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNDISCLOSED = "undisclosed", "Did not say"


class Sex(models.TextChoices):
    """The sex somebody states."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    UNDISCLOSED = "undisclosed", "Did not say"


class Race(models.TextChoices):
    """The races of which somebody may state several."""

    AMERICAN_INDIAN = "american_indian", "American Indian or Alaska Native"
    ASIAN = "asian", "Asian"
    BLACK = "black", "Black or African American"
    PACIFIC_ISLANDER = "pacific_islander", "Native Hawaiian or other Pacific Islander"
    WHITE = "white", "White"
    UNDISCLOSED = "undisclosed", "Did not say"


class Immigration(models.TextChoices):
    """By what somebody may work in the United States (29 USC 3248(a)(5))."""

    CITIZEN = "citizen", "Citizen or national"
    PERMANENT_RESIDENT = "permanent_resident", "Lawful permanent resident"
    REFUGEE = "refugee", "Refugee, asylee or parolee"
    AUTHORIZED = "authorized", "Other immigrant who is authorized to work"
    NOT_AUTHORIZED = "not_authorized", "Not authorized to work"
    UNDISCLOSED = "undisclosed", "Did not say"


class StudentKey(models.Model):
    """The key that seals what is sensitive about one student; to destroy it destroys all of that for good."""

    student = models.OneToOneField(Student, models.PROTECT, primary_key=True, related_name="key")
    secret = EncryptedTextField(blank=True, help_text="Sealed by FIELD_KEYS; blank once it is destroyed.")
    made_at = models.DateTimeField(default=clock.now)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="student_key_until_destroyed",
                condition=Q(destroyed_at__isnull=True) & ~Q(secret="") | Q(destroyed_at__isnull=False, secret=""),
            )
        ]

    def __str__(self) -> str:
        return f"key of {self.pk}"

    @property
    def keys(self) -> Keys:
        """The key under the name by which values know it; none once it is destroyed."""
        return {OWN: self.secret} if self.secret else {}


class StudentDetails(models.Model):
    """What is sensitive about one student. A blank column was not asked yet."""

    key = models.OneToOneField(StudentKey, models.PROTECT, primary_key=True, related_name="details")
    ssn = EncryptedTextField("Social Security number", keys_of="keys", blank=True)
    ssn_index = models.CharField(max_length=64, blank=True, editable=False, help_text="Finds the same number again.")
    ssn_declined = models.BooleanField(default=False, help_text="Was asked for the number and keeps it to themselves.")
    birth_date = EncryptedTextField("date of birth", keys_of="keys", blank=True)
    sex = EncryptedTextField("sex", keys_of="keys", blank=True)
    ethnicity = EncryptedTextField("Hispanic or Latino", keys_of="keys", blank=True)
    races = EncryptedTextField("race", keys_of="keys", blank=True)
    disability = EncryptedTextField("disability", keys_of="keys", blank=True)
    justice = EncryptedTextField("justice involvement", keys_of="keys", blank=True)
    immigration = EncryptedTextField("work authorization", keys_of="keys", blank=True)
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "student details"
        default_permissions = ("view", "change")
        permissions = [("reveal_studentdetails", "Can read the sensitive details of students in full")]
        constraints = [
            models.CheckConstraint(name="student_details_ssn_or_declined", condition=Q(ssn="") | Q(ssn_declined=False)),
            models.CheckConstraint(name="student_details_ssn_indexed", condition=Q(ssn="") | ~Q(ssn_index="")),
        ]
        indexes = [
            models.Index(name="student_details_ssn", fields=["ssn_index"], condition=~Q(ssn_index="")),
        ]

    def __str__(self) -> str:
        return f"details of {self.pk}"

    @property
    def keys(self) -> Keys:
        """The keys of this row's columns."""
        return self.key.keys
