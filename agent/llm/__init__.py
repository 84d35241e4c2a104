"""The conversation with a language model: what it is told, what it may do, and when it has come to an end."""
