"""The groups of the program `lijian`."""
