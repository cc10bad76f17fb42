"""An attack on a finished release: read its files, reconstruct what they say, prove what that gives away."""
