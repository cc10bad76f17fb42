"""From one set of areas to another: shared surface, points to areas and cells, and values carried over."""
