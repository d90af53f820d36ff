"""The text of a specification or a change request, as its authors write it: a line here knows no model."""
