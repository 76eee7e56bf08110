"""The lanes: 64 shares of all consumers, each kept together on one machine of a cluster.

A lane has an *index* (0–63, what the lane key's hash gives and what an id carries) and a *value* (what the
`lane` columns hold). Counting from 0 would fill only 39 of 64 shards of a hash-distributed cluster; these
values, found once for PostgreSQL's `hashint2`, fall into 64 different ones. On a single server the list
changes nothing.
"""

# fmt: off
LANE_VALUES: tuple[int, ...] = (
    60, 8, 82, 1, 31, 88, 79, 24, 10, 92, 48, 109, 5, 112, 50, 166,
    4, 7, 17, 172, 16, 96, 170, 85, 36, 89, 19, 0, 37, 45, 101, 3,
    113, 52, 62, 99, 136, 168, 46, 28, 6, 66, 70, 21, 83, 39, 43, 13,
    2, 351, 27, 95, 58, 149, 41, 179, 9, 80, 59, 22, 12, 11, 44, 18,
)
# fmt: on

LANE_INDEXES: dict[int, int] = {value: index for index, value in enumerate(LANE_VALUES)}
"""The way back: the index of a lane's value."""
