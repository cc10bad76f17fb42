"""Kinds of areas: compositions, types that last when the data are drawn again, regions of like neighbours.

``composition.py`` closes counts or shares and states what becomes of zeros; ``log_ratio.py`` takes them where
distances mean something. ``types.py`` finds kinds and how sure each area's is; ``ledgers.py`` keeps what
protects and what weakens apart; ``apply.py`` takes kinds to another year; ``regions.py`` joins neighbours.
"""
