"""Change requests: the parts of a document, and changes applied to these."""
