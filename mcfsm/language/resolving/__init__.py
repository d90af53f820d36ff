"""A document, one scenario and one choice of constants made into a model."""
