"""For tests of explorers: random small models, and what every explorer must agree on with the reference."""
