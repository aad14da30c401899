"""Requests for a host name that is not ours: what the log says of them."""

from __future__ import annotations

import logging


class OneLine(logging.Filter):
    """Takes the traceback from a record and names the setting as this project calls it; keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place."""
        record.exc_info = record.exc_text = None
        record.msg = str(record.msg).replace(" ALLOWED_HOSTS", " HAEDAP_ALLOWED_HOSTS")
        return True
