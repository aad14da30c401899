"""Search backends: one class each behind the protocol in :mod:`haedap.search.backends.base`."""
