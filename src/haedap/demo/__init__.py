"""The demo help center: content only. ``haedap.kb.demo`` loads it."""
