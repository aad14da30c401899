"""The project's own user model: in place from the first migration, since Django cannot swap it in later."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Someone who signs in: a manager or an editor of the center.

    ``oidc_subject`` names the company account that signs in as this user: its issuer, a space, and its subject there.
    """

    oidc_subject = models.CharField(_("회사 계정"), max_length=600, null=True, unique=True, editable=False)

    def get_full_name(self) -> str:
        """The name as Koreans write it: the family name first, in one word."""
        return f"{self.last_name}{self.first_name}".strip()
