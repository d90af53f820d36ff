"""Liveness: the graph that a search leaves, and the fair runs in it."""
