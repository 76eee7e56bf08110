"""What operators keep, read by key and changed one operator at a time."""
