"""The only SQL, and the embedded server."""
