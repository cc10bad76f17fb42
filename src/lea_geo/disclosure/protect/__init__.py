"""Ways to protect counts before they leave: suppress, round, perturb, merge; and what each costs."""
