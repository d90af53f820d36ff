"""What a verdict stands on, in a file, and its proof checked again by the definition in plain Python."""
