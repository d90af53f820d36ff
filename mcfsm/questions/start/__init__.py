"""How to begin: a small model to change, and a finding of the model that comes with the package."""
