"""mcfsm."""
