"""What is special about TIFF: tags that draw the picture, pixels that Pillow cannot decode."""

from __future__ import annotations

import io

import rawpy
from PIL import Image

from support.tiffs import Seen, read_back

TYPES = frozenset({"TIFF", "BTF", "DNG"})
"""The words of ExifTool for files that are a TIFF as a whole."""
DEVELOPING_TRIES = 5
DIRECTORIES = ("IFD", "SubIFD")
TAGS = frozenset(
    {
        *("ImageWidth", "ImageHeight", "BitsPerSample", "Compression", "PhotometricInterpretation"),
        *("StripOffsets", "StripByteCounts", "RowsPerStrip", "SamplesPerPixel", "Orientation"),
        *("TileWidth", "TileLength", "TileOffsets", "TileByteCounts", "PlanarConfiguration"),
        *("XResolution", "YResolution", "ResolutionUnit", "XPosition", "YPosition", "PageNumber"),
        *("SubfileType", "OldSubfileType", "FillOrder", "Predictor", "ColorMap", "ExtraSamples"),
        *("SampleFormat", "InkSet", "NumberofInks", "DotRange", "HalftoneHints", "WhitePoint"),
        *("PrimaryChromaticities", "TransferFunction", "YCbCrCoefficients", "YCbCrSubSampling"),
        *("YCbCrPositioning", "ReferenceBlackWhite", "JPEGTables", "T4Options", "T6Options"),
        *("MinSampleValue", "MaxSampleValue", "Thresholding", "GrayResponseUnit"),
        # ExifTool's words for the strips of a page that is one JPEG, and of one that is small
        *("PreviewImage", "PreviewImageStart", "PreviewImageLength", "ThumbnailTIFF"),
        # how a DNG is developed
        *("DNGVersion", "DNGBackwardVersion", "ColorMatrix1", "ColorMatrix2", "AnalogBalance"),
        *("CameraCalibration1", "CameraCalibration2", "AsShotNeutral", "AsShotWhiteXY"),
        *("ForwardMatrix1", "ForwardMatrix2", "BaselineExposure", "BaselineNoise"),
        *("BaselineSharpness", "LinearResponseLimit", "ShadowScale", "CalibrationIlluminant1"),
        *("CalibrationIlluminant2", "CFARepeatPatternDim", "CFAPattern2", "CFAPlaneColor"),
        *("CFALayout", "LinearizationTable", "BlackLevelRepeatDim", "BlackLevel", "WhiteLevel"),
        *("BlackLevelDeltaH", "BlackLevelDeltaV", "DefaultScale", "DefaultCropOrigin"),
        *("DefaultCropSize", "BayerGreenSplit", "AntiAliasStrength", "BestQualityScale"),
        *("ActiveArea", "MaskedAreas", "OpcodeList1", "OpcodeList2", "OpcodeList3"),
        *("NoiseProfile", "ProfileToneCurve", "ProfileHueSatMapDims", "ProfileHueSatMapData1"),
        *("ProfileHueSatMapData2", "ProfileLookTableDims", "ProfileLookTableData"),
        *("ProfileEmbedPolicy", "DefaultBlackRender", "BaselineExposureOffset"),
    }
)


def is_drawing(tag: str) -> bool:
    """Return whether a tag ("SubIFD1:WhiteLevel") says how a TIFF is drawn."""
    group, _, name = tag.partition(":")
    if tag == "Composite:CFAPattern":
        return True
    return group.rstrip("0123456789") in DIRECTORIES and name in TAGS


def is_tiff(data: bytes) -> bool:
    """Return whether a file is a TIFF or a BigTIFF."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_small_copy(frame: Image.Image) -> bool:
    """Return whether a page is a small copy of another: it is no page and may go."""
    found = getattr(frame, "tag_v2", {}).get(254, 0)
    return isinstance(found, int) and bool(found & 1)


def are_pieces_changed(original: bytes, cleaned: bytes) -> bool:
    """Return whether strips or tiles of a picture at full size differ between two TIFFs."""
    before = [one.strips for one in read_back(original) if is_at_full_size(one)]
    after = [one.strips for one in read_back(cleaned) if is_at_full_size(one)]
    return before != after


def is_at_full_size(one: Seen) -> bool:
    """Return whether a directory has pixels and is no small copy."""
    return bool(one.strips) and not any(one.tags.get(254, b""))


def are_developed_alike(original: bytes, cleaned: bytes) -> bool:
    """Return whether LibRaw makes the same of both, in some of a few tries.

    What is missing of a file that breaks off it makes of whatever lies in memory, now and then:
    one such file gives another picture once in 150 times. Other pixels never give the same.
    """
    return any(developed(original) == developed(cleaned) for _ in range(DEVELOPING_TRIES))


def developed(data: bytes) -> bytes | None:
    """Return the pixels of a raw file as LibRaw develops it, if it can.

    Those of the sensor are left out: where a file breaks off, LibRaw leaves memory in them.
    """
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            return raw.postprocess(use_camera_wb=True).tobytes()
    except rawpy.LibRawError:
        return None


def is_dng(data: bytes) -> bool:
    """Return whether a TIFF holds raw pixels that Pillow does not look for."""
    return is_tiff(data) and 50706 in read_back(data)[0].tags
