"""Stubborn sets: which of the steps of a joint state suffice for the verdicts that are asked for."""
