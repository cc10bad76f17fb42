"""Local spatial autocorrelation: which areas resemble their neighbours, and which stand out from them.

Every function aligns by id, leaves areas without a value out of the graph but not out of the table, gives
both tails, corrects for many tests and labels by q-values. In the equations z_i = x_i - mean(x) and w_ij are
the transformed weights; which divisor goes under a variance is said by each function, and the other one is an
option.
"""

from lea_geo.spatial.local_g import local_g
from lea_geo.spatial.local_geary import local_geary, local_geary_multivariate
from lea_geo.spatial.local_join_count import local_join_count
from lea_geo.spatial.local_moran import local_moran, local_moran_bivariate
from lea_geo.spatial.local_result import LocalResult

__all__ = [
    "LocalResult",
    "local_g",
    "local_geary",
    "local_geary_multivariate",
    "local_join_count",
    "local_moran",
    "local_moran_bivariate",
]
