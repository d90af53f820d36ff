"""What a user asks of a model: a module for each question, with the same name in `report` and `commands`."""
