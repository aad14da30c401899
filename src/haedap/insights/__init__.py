"""What visitors looked for: the masked search log."""
