"""The project's own user model: in place from the first migration, since Django cannot swap it in later."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Someone who signs in: a manager or an editor of the center."""
