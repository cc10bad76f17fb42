"""Live services of open data: download, cache, nothing else.

``registry`` says which there are and whose; ``client`` asks them, within bounds; ``cache`` keeps every answer
with its hash, time and licence; ``wfs``, ``ogc_api``, ``pxweb`` and ``sotkanet`` speak their services'
languages.
"""
