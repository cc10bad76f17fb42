"""Kulldorff's spatial scan statistic: where cases lie closer together than people do.

``statistic`` is the public function. ``sample`` aligns cases, people and places; ``windows`` makes circles
and ``levels`` connected areas above a rate, which are the candidates; ``likelihood`` compares them; ``draws``
makes maps without a cluster; ``result`` is what comes out.
"""
