"""Products by description: words and meaning together."""
