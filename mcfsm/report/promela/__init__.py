"""A scenario as a program in Promela, the language of SPIN."""
