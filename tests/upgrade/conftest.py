"""A home as the first version left it."""

from conftest_old import unpack_old

__all__ = ["unpack_old"]
