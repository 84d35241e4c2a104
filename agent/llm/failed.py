"""The one way in which a language model fails a turn; the local path then takes over."""

from __future__ import annotations

from tools.contract import StorewiseError


class Failed(StorewiseError):
    """`why` is a key of agent/texts.py, for the merchant; the message is for the log."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why
