"""What stands in a file: read into records that still know their places."""
