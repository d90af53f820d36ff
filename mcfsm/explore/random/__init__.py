"""Random exploration by Hypothesis."""
