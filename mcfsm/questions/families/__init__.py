"""Questions to the variants of a model."""
