"""A trace or a role as a picture: records first, then renderers of these."""
