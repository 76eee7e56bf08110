"""Use cases off the money path: each function is one act in one transaction."""
