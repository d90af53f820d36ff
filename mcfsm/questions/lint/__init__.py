"""What looks wrong in a model, found without exploring it: `findings.lint` is where to start."""
