"""Tell the names that vendors give their colour profiles from what only one person's says.

A text is common if every word of it is: names of colour spaces, of standards and of the companies
and programs whose profiles everybody has, the words around a copyright, years and short numbers.
"""

from __future__ import annotations

import re

_LIST = """
srgb rgb argb scrgb displayp3 p3 p3d65 dci d50 d55 d60 d65 d93 adobe adobergb apple computer
applergb cmyk gray grey grayscale greyscale gamma generic display default color colour
colors colours space spaces profile profiles lab xyz linear sgray g g10 g18 g22 wide gamut
widegamut iec ec iec61966 http https www ch org com icc international consortium standard
standards rec rec709 rec2020 rec2100 itu bt bt709 bt2020 bt2100 hdtv sdtv uhdtv hdr sdr hlg
pq smpte rp ntsc pal secam ebu colormatch bruce ciergb cie romm rimm prophoto prophotorgb
ecirgb eci reference output medium metric scene referred viewing condition conditions
relative intent perceptual colorimetric saturation matrix based table trc transfer function
curve curves v v2 v4 v5 micro magic nano compat compatible preference appearance beta
parametric black white point bpc nobpc range full dot gain coated uncoated matte glossy web
sheetfed newsprint swop gracol fogra fogra27 fogra29 fogra39 fogra47 fogra51 fogra52 iso
isocoated psr psocoated euroscale japan u s us snap ifra toyo copyright copyrighted c all
rights reserved inc incorporated corp corporation company co ltd limited gmbh ag llc kk
public domain no use freely free of known restrictions cc0 cc by sa 0 this is the a and for
in on to with from as was were are be most able general purpose designed lives internet
untagged used uncalibrated displays available any not it its an or at created built builtin
embedded license licensed licence distributed under terms hewlett packard hp microsoft
windows msft kodak eastman kcms linotype hell lino agfa google android skia chrome nikon
canon sony fuji fujifilm olympus panasonic pentax ricoh leica samsung electronics huawei
xiaomi oppo vivo lg intel amd nvidia facebook meta instagram c2 c2ci fb oneplus motorola
mobility lenovo asus htc epson seiko hasselblad phase one capture camera raw photoshop
lightroom systems quark corel gimp darktable rawtherapee ghostscript artifex software
littlecms lcms lcms2 littlecms2 engine argyll argyllcms digikam krita inkscape imagemagick
libjxl jxl ffmpeg saucecontrol compact elle stone facebooktiny tinysrgb esci marti maria
graeme gill sun java colorsync utility dcp nef cmf version product colord binary cd create
data source poor choice printing sometimes although de della gama profiel questo non
presente alcune restrizioni perfil gris grises cinzas da do di dei grigi profilo generico
generica allgemeines graustufenprofil profil rvb cmjn cmyn yleinen harmaan profiili
gammaprofil generisk algemeen grijs uniwersalny
一般グレイガンマ 通用灰階光度 通用灰度系数 общая серая гамма профиль genérico genérica
générique grå ogólny szarości общий серого гаммы для схема позиции 一般
プロファイル グレイガンマ グレイ 일반 회색 감마 프로파일 通用 灰階 灰度 灰度系数 灰階數值
色彩描述 描述文件
"""
_WORDS = frozenset(_LIST.split())
_WORD = re.compile(r"[^\W_]+")
_KNOWN_NUMBER = re.compile(r"(?:19|20)\d\d|61966|[34]00\d")
_NUMBER = re.compile(r"\d{1,3}")
_DIGITS_LIMIT = 10
_TEXT_CHARACTERS = 1024


def is_common(text: str) -> bool:
    """Return whether a text says nothing but what the profiles of vendors say."""
    if len(text) > _TEXT_CHARACTERS:
        return False
    digits = 0
    for word in _WORD.findall(text.lower()):
        if word in _WORDS or _KNOWN_NUMBER.fullmatch(word):
            continue
        if not _NUMBER.fullmatch(word):
            return False
        digits += len(word)
    return digits <= _DIGITS_LIMIT
