"""The service notices that every page shows: kept in memory, exact at their beginning and end.

What begins or ends by the clock does so at that moment in every process; what a manager changes is seen by others
within :data:`MAX_AGE` seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from haedap.kb.kept import Kept
from haedap.kb.models import Service, ServiceNotice
from haedap.kb.names import speaks_english

MAX_AGE = 2.0
_AHEAD = timedelta(days=1)
"""Those that begin later than this are read when their day comes."""
_GRAVEST_FIRST = (ServiceNotice.Level.OUTAGE, ServiceNotice.Level.MAINTENANCE, ServiceNotice.Level.INFO)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as pages show it; ``service`` is empty where it concerns all."""

    level: str
    text: str
    text_en: str
    link: str
    service: str
    service_en: str
    starts_at: datetime
    ends_at: datetime | None

    @property
    def local_text(self) -> str:
        """In the active language, Korean where nothing else is given."""
        return self.text_en if speaks_english() and self.text_en else self.text

    @property
    def language(self) -> str:
        """Which language :attr:`local_text` is in."""
        return "en" if speaks_english() and self.text_en else "ko"

    @property
    def local_service(self) -> str:
        """The name of its service, likewise."""
        return self.service_en if speaks_english() and self.service_en else self.service

    @property
    def level_name(self) -> str:
        """The level in the active language."""
        return str(ServiceNotice.Level(self.level).label)

    def lasts(self, now: datetime) -> bool:
        """True between its start and its end."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


def read_notices(now: datetime | None = None) -> tuple[Notice, ...]:
    """Those that last now or begin within a day, the gravest first, then the newest. One query."""
    now = now or timezone.now()
    rows = ServiceNotice.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), starts_at__lte=now + _AHEAD)
    notices = [
        Notice(
            row.level,
            row.text,
            row.text_en,
            row.link,
            row.service.name if row.service else "",
            row.service.name_en if row.service else "",
            row.starts_at,
            row.ends_at,
        )
        for row in rows.select_related("service").order_by("-starts_at", "-pk")
    ]
    return tuple(sorted(notices, key=lambda notice: _GRAVEST_FIRST.index(ServiceNotice.Level(notice.level))))


kept = Kept(read_notices, MAX_AGE, (ServiceNotice, Service))


def current_notices(now: datetime | None = None) -> tuple[Notice, ...]:
    """What pages show now; one small query every few seconds. Without a database, those last known."""
    return _lasting(kept.get_or_last(()), now)


def known_notices(now: datetime | None = None) -> tuple[Notice, ...]:
    """What pages show now as far as this process has read it already: for pages that ask no database."""
    return _lasting(kept.last or (), now)


def _lasting(notices: tuple[Notice, ...], now: datetime | None) -> tuple[Notice, ...]:
    now = now or timezone.now()
    return tuple(notice for notice in notices if notice.lasts(now))


def end_notice(notice: ServiceNotice, now: datetime | None = None) -> bool:
    """Take a notice from the pages now; False if it has not begun or is over."""
    now = now or timezone.now()
    if notice.starts_at >= now or (notice.ends_at is not None and notice.ends_at <= now):
        return False
    notice.ends_at = now
    notice.save(update_fields=["ends_at"])
    return True
