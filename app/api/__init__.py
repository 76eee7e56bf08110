"""The HTTP edge: parse strictly, know the caller, one call down, render."""
