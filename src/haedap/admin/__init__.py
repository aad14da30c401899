"""The rooms where managers and editors work, in Django's admin. Every change of an article goes through
:mod:`haedap.kb.publishing` and :mod:`haedap.kb.workflow`."""
