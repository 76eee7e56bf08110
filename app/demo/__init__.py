"""The demo's world: invented goods, merchants and people, and the tills that trade with them."""
