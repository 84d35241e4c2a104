"""How well the local planner understands voices that it never learned from."""
