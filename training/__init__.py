"""Trains, measures and packs the adapter that teaches multilingual-e5-small how customers talk. See README.md here."""
