"""What goes wrong with models, as people are told."""

from store.errors import UserError

AGAIN = "Train the model again, or restore the folder from a backup."


class CheckpointError(UserError):
    """A model's folder is not as it was written, or can't be written; nothing of it was used."""
