"""The compiled part of the search: integers in, integers out. Nothing here knows what a number stands for."""
