"""Whether users of a model have anything to do with each other: read off the resolved model, without running it."""
