"""The naive backend keeps the contract."""

from __future__ import annotations

from search.backend_contract import BackendContract


class TestMemoryBackend(BackendContract):
    kind = "memory"
