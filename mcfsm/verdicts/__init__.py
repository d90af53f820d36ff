"""What a search found, made into verdicts."""
