"""How far colours lie apart for every kind of eye, and how they contrast."""

import itertools

import numpy as np
from colorspacious import cspace_convert

_DEFICIENCIES = ("protanomaly", "deuteranomaly", "tritanomaly")


def _light(colour):
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _as_seen(colours):
    """Return CAM02-UCS coordinates, shape (4, n, 3): normal vision, then each deficiency in full.

    The deficiencies are Machado, Oliveira and Fernandes (2009), severity 1. What a matrix takes out of the
    gamut is cut to it, as a screen would.
    """
    plain = np.array([_light(colour) for colour in colours])
    kinds = [{"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100} for kind in _DEFICIENCIES]
    seen = [plain, *(cspace_convert(plain, kind, "sRGB1") for kind in kinds)]
    return np.stack([cspace_convert(np.clip(one, 0, 1), "sRGB1", "CAM02-UCS") for one in seen])


def smallest_difference(colours):
    """Return the smallest CAM02-UCS difference between any two of the colours, for whoever sees least."""
    seen = _as_seen(colours)
    return min(
        float(np.linalg.norm(seen[:, i] - seen[:, j], axis=1).min())
        for i, j in itertools.combinations(range(len(colours)), 2)
    )


def _luminance(colour):
    light = _light(colour)
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Return WCAG's contrast ratio, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)
