"""Readers of other people's formats, and the importer that writes what they read as published articles."""
