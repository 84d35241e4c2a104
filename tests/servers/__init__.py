"""Servers that stand in for others' during tests, each bound to this machine alone."""
