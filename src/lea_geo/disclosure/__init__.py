"""Safe release: what may leave, what is hidden so that it may, and an attack on what is about to leave."""
