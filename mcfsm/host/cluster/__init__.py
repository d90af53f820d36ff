"""Machines of a Ray cluster as a place where pieces of work run."""
