"""Gaps between areas and groups: how large, between whom, and what they are made of."""
