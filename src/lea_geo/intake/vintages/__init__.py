"""Areas of several years: what became of each code, and numbers of one year on the areas of another."""
