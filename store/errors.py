"""The two roots of the error tree (drawn whole in tools/contract.py)."""


class StorewiseError(Exception):
    """Anything Storewise raises on purpose. What is not one of these is a bug."""


class UserError(StorewiseError):
    """Shown to people as it is: names the thing at fault and says what to do."""
