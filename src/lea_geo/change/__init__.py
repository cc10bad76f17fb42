"""What changed between years: real change against noise, gaps over time, convergence, and broken series."""
