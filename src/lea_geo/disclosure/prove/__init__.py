"""What can be proved of hidden counts, and how another program can check it."""
