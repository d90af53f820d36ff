"""What this process runs on: the clock, the memory, the disk. A line here knows no model and no search."""
