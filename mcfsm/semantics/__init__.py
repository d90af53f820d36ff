"""What a step is: the definition, in plain Python. Every explorer is compared with `product`."""
