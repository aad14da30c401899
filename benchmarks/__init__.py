"""Benchmarks: how fast, how large and how good Haedap is on this machine. See README.md; never part of the wheel."""
