"""Whether a given flow is allowed, and where it is refused and why."""
