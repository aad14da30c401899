"""Progress of long work: a bar on a terminal, plain lines elsewhere. Both go to stderr."""

from __future__ import annotations

import sys
import time

INTERVAL = 5.0
WIDTH = 30


class Progress:
    """Shows how far a piece of work is; ``update`` may be called as often as one likes."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._terminal = sys.stderr.isatty()
        self._started = self._shown = time.monotonic()
        self._open = False

    def update(self, done: int, total: int) -> None:
        """``done`` of ``total`` (0: not known)."""
        now = time.monotonic()
        if now - self._shown < (0.1 if self._terminal else INTERVAL):
            return
        self._shown = now
        share = min(1.0, done / total) if total else 0.0
        amount = f"{done:,}/{total:,}" if total else f"{done:,}"
        if self._terminal:
            bar = "█" * round(WIDTH * share) + "░" * (WIDTH - round(WIDTH * share)) if total else ""
            sys.stderr.write(f"\r{self._label} {bar} {amount}\x1b[K")
            self._open = True
        else:
            sys.stderr.write(f"{self._label}: {amount} after {now - self._started:.0f} s\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the line clean for what follows."""
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
