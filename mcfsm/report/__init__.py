"""From findings and models to text, JSON and pictures: records first, then pure renderers."""
