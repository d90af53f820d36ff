"""mcfsm inside programs of others: pytest collects models; Sphinx and MkDocs ask whether figures are fresh."""
