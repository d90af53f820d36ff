"""Explorers, and what liveness asks of a graph of states: `reference.explore` says what every explorer must find."""
