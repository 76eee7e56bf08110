"""The book's rows: which are needed, how they are claimed, locked and read, and how changes are written."""
