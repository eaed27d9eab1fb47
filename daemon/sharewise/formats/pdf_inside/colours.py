"""What may stand in the array of a colour space. Source: ISO 32000-2:2020, 8.6."""

from __future__ import annotations

import pikepdf

from sharewise.formats.pdf_inside.roles import Fit, fit_of

_DEVICES = frozenset(
    {
        *("/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/Pattern"),
        *("/G", "/RGB", "/CMYK", "/CalGray", "/CalRGB", "/CalCMYK"),
    }
)
_FAMILIES: dict[str, tuple[str, ...]] = {
    "/CalGray": ("@calibrated",),
    "/CalRGB": ("@calibrated",),
    "/Lab": ("@calibrated",),
    "/ICCBased": ("@profile",),
    "/Indexed": ("!colour", "n", "s,@data"),
    "/I": ("!colour", "n", "s,@data"),
    "/Separation": ("/*", "!colour", "@function"),
    "/DeviceN": ("/*", "!colour", "@function", "@inks"),
    "/Pattern": ("!colour",),
}
_OPTIONAL = frozenset({"/Pattern", "/DeviceN"})
"""Families whose last part may be missing."""
_NAME = fit_of("/*")


def colour_parts(value: object) -> tuple[Fit, ...] | None:
    """Return what the parts of a colour space must be, or None if it is not understood."""
    if isinstance(value, pikepdf.Name):
        return () if str(value) in _DEVICES else None
    if not isinstance(value, pikepdf.Array) or not len(value):
        return None
    family = value[0]
    if not isinstance(family, pikepdf.Name):
        return None
    if str(family) in _DEVICES and str(family) not in _FAMILIES:
        return (_NAME,)
    parts = _FAMILIES.get(str(family))
    if parts is None:
        return None
    fits = (_NAME, *(fit_of(one) for one in parts))
    is_short = len(value) == len(fits) - 1 and str(family) in _OPTIONAL
    if is_short:
        fits = fits[:-1]
    return fits if len(value) >= len(fits) else None
