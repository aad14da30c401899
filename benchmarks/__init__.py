"""Benchmarks: how fast, how large and how good Haedap is on this machine. See README.md; never part of the wheel."""

import os

# Before numpy is loaded, and passed on to every process that a benchmark starts.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
