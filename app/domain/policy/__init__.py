"""Policy as data: what a pack can say (`model`, `amount`), and how it is read from TOML (`pack`)."""
