"""Every validator and every message: the only place where a user is told no."""

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice, check_count, check_fraction, check_seed

__all__ = ["Faults", "check_choice", "check_count", "check_fraction", "check_seed"]
