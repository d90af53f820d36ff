"""Figures in the documents of a project, for those who build these: Sphinx and MkDocs ask whether they are fresh."""
