"""The queue and the batch cycle: many acts, one commit."""
