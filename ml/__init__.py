"""Models as tensors: how they are built, fitted, measured and kept. Nothing here knows of shops."""
