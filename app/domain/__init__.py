"""Everything that is true of a subsidy without a database, a network or a clock. Standard library only."""
