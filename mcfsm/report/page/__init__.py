"""A dossier as a page that is opened in a browser: one file, which asks nobody for anything."""
