"""The pack that leaves: results, a risk assessment for who lets them out, and the proofs."""
