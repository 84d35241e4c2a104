"""Fraud: a table of orders becomes point-in-time features and histories, and models say which orders to look at."""
