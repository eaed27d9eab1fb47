"""Ask ExifTool what it still sees in the cleaned files, and say which of that is private.

Everything is private but what is listed here. A format that is added adds what it needs.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from corpus import tiffs
from corpus.heif_tags import HEIF_TAGS

OPTIONS = ("-json", "-G1", "-a", "-ee", "-u", "-api", "largefilesupport=1")
PROCESSES = 2

ANY_TAG = frozenset({"*"})
HARMLESS: dict[str, frozenset[str]] = {
    # what ExifTool says of the file itself, or works out from the rest of this list
    "ExifTool": frozenset({"ExifToolVersion", "Warning"}),
    "System": ANY_TAG,
    "Composite": frozenset({"ImageSize", "Megapixels", "Rotation", "AvgBitrate"}),
    "File": frozenset(
        {
            *("FileType", "FileTypeExtension", "MIMEType", "ExifByteOrder", "ImageWidth"),
            *("ImageHeight", "EncodingProcess", "BitsPerSample", "ColorComponents"),
            *("YCbCrSubSampling",),
        }
    ),
    # how the picture is drawn
    "JFIF": frozenset({"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"}),
    "Adobe": frozenset({"DCTEncodeVersion", "APP14Flags0", "APP14Flags1", "ColorTransform"}),
    "IFD0": frozenset(
        {
            *("Orientation", "XResolution", "YResolution", "ResolutionUnit", "YCbCrPositioning"),
            *("ImageWidth", "ImageHeight", "Compression", "PhotometricInterpretation"),
            *("SamplesPerPixel", "PlanarConfiguration"),
        }
    ),
    "ExifIFD": frozenset(
        {
            *("ExifVersion", "ComponentsConfiguration", "FlashpixVersion", "ColorSpace"),
            *("ExifImageWidth", "ExifImageHeight"),
        }
    ),
    "InteropIFD": frozenset({"InteropIndex", "InteropVersion"}),
    "ICC_Profile": ANY_TAG,
    "ICC-header": ANY_TAG,
    "ICC-view": ANY_TAG,
    "ICC-meas": ANY_TAG,
    "ICC-chrm": ANY_TAG,
    "ICC-meta": ANY_TAG,
    "ICC-cicp": ANY_TAG,
    "PNG": frozenset(
        {
            *("ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter"),
            *("Interlace", "Palette", "Transparency", "Gamma", "SRGBRendering", "WhitePointX"),
            *("WhitePointY", "RedX", "RedY", "GreenX", "GreenY", "BlueX", "BlueY"),
            *("BackgroundColor", "SignificantBits", "PaletteHistogram", "ProfileName"),
            *("AnimationFrames", "AnimationPlays", "StereoMode"),
        }
    ),
    "PNG-pHYs": frozenset({"PixelsPerUnitX", "PixelsPerUnitY", "PixelUnits"}),
    "PNG-cICP": ANY_TAG,
    "RIFF": frozenset(
        {
            *("WebP_Flags", "ImageWidth", "ImageHeight", "VP8Version", "HorizontalScale"),
            *("VerticalScale", "AlphaIsUsed", "AlphaPreprocessing", "AlphaFiltering"),
            *("AlphaCompression", "BackgroundColor", "AnimationLoopCount", "FrameCount"),
            *("Duration",),
        }
    ),
    "GIF": frozenset(
        {
            *("GIFVersion", "ImageWidth", "ImageHeight", "HasColorMap", "ColorResolutionDepth"),
            *("BitsPerPixel", "BackgroundColor", "AnimationIterations", "FrameCount", "Duration"),
            *("TransparentColor", "PixelAspectRatio"),
        }
    ),
    # how a film is played
    "QuickTime": frozenset(
        {
            *("MajorBrand", "MinorVersion", "CompatibleBrands", "MovieHeaderVersion", "TimeScale"),
            *("Duration", "PreferredRate", "PreferredVolume", "MatrixStructure", "NextTrackID"),
            *("PreviewTime", "PreviewDuration", "PosterTime", "SelectionTime", "CurrentTime"),
            *("SelectionDuration", "MediaData", "MediaDataSize", "MediaDataOffset", "Free", "Skip"),
            *("Wide", "InitialObjectDescriptor", "MovieFragmentSequence", "Unknown_free"),
            *("Unknown_mvex", "Unknown_tfhd", "Unknown_trun", "Unknown_mfra", "Unknown_pssh"),
            *("Unknown_tfdt", "Unknown_sidx"),
        }
    ),
    "Track": frozenset(
        {
            *("TrackHeaderVersion", "TrackID", "TrackDuration", "TrackLayer", "TrackVolume"),
            *("MatrixStructure", "ImageWidth", "ImageHeight", "MediaHeaderVersion", "Balance"),
            *("MediaTimeScale", "MediaDuration", "MediaLanguageCode", "HandlerClass", "OpColor"),
            *("HandlerType", "GraphicsMode", "CompressorID", "SourceImageWidth", "BitDepth"),
            *("SourceImageHeight", "XResolution", "YResolution", "VideoFrameRate", "AudioFormat"),
            *("PixelAspectRatio", "BufferSize", "MaxBitrate", "AverageBitrate", "AudioChannels"),
            *("AudioBitsPerSample", "AudioSampleRate", "LayoutFlags", "PurchaseFileFormat"),
            *(
                "SampleToChunk",
                "SampleSizes",
                "ChunkOffset",
                "TimeToSampleTable",
                "AVCConfiguration",
            ),
            *("SyncSampleTable", "CompositionTimeToSample", "SampleGroupDescription"),
            *("SampleToGroup", "IdependentAndDisposableSamples", "ColorProfiles", "ColorPrimaries"),
            *("TransferCharacteristics", "MatrixCoefficients", "CleanApertureDimensions"),
            *("ProductionApertureDimensions", "EncodedPixelsDimensions", "VideoFullRangeFlag"),
            *(
                "CleanAperture",
                "HEVCConfigurationVersion",
                "Gamma",
                "CompositionToDecodeTimelineMapping",
            ),
            *("Unknown_edts", "Unknown_esds", "Unknown_btrt", "Unknown_alis", "Unknown_free"),
            *("Unknown_dOps", "Unknown_sinf", "Unknown_mp4a", "Unknown_hvcC", "Unknown_cslg"),
        }
    ),
    "Jpeg2000": frozenset({"MajorBrand", "MinorVersion", "CompatibleBrands"}),
    "SVG": frozenset(
        {
            *("Xmlns", "ImageWidth", "ImageHeight", "ViewBox", "SVGVersion", "ID", "Style"),
            *("Enable-background", "PreserveAspectRatio", "Space", "X", "Y"),
        }
    ),
    "PDF": frozenset(
        {
            *("PDFVersion", "Linearized", "PageCount", "PageMode", "PageLayout", "Language"),
            *("TaggedPDF", "EmbeddedImage", "EmbeddedImageColorSpace", "EmbeddedImageFilter"),
            *("EmbeddedImageHeight", "EmbeddedImageWidth"),
        }
    ),
    # second pictures that stay: the other eye's view, or what an HDR screen needs
    "MPF0": frozenset({"MPFVersion", "NumberOfImages"}),
    "XMP-hdrgm": ANY_TAG,
    "XMP-Container": frozenset(
        {"DirectoryItemSemantic", "DirectoryItemMime", "DirectoryItemLength"}
    ),
}
HARMLESS_GROUPS = ("MPImage", "ICC-", "ICC_Profile")
UNSET_TIME = "0000:00:00 00:00:00"
"""A time in the headers of a film that is not set."""


def private_tags(files: Sequence[Path]) -> dict[Path, list[str]]:
    """Return for each file the tags that ExifTool sees and that are not known harmless."""
    shares = [list(files[index::PROCESSES]) for index in range(PROCESSES)]
    with ThreadPoolExecutor(PROCESSES) as threads:
        found = [tags for share in threads.map(_ask, shares) for tags in share]
    seen = {Path(str(tags["SourceFile"])): tags for tags in found}
    missing = [file for file in files if file not in seen]
    if missing:
        raise SystemExit(f"exiftool said nothing of {len(missing)} files")
    return {file: _private(seen[file]) for file in files}


def _private(tags: dict[str, object]) -> list[str]:
    is_tiff = tags.get("File:FileType") in tiffs.TYPES
    return [
        tag
        for tag, value in tags.items()
        if value != UNSET_TIME and is_private(tag) and not (is_tiff and tiffs.is_drawing(tag))
    ]


def _ask(files: list[Path]) -> list[dict[str, object]]:
    if not files:
        return []
    names = "\n".join(map(str, files))
    ended = subprocess.run(
        ["exiftool", *OPTIONS, "-@", "-"], input=names.encode(), capture_output=True, check=False
    )
    found: list[dict[str, object]] = json.loads(ended.stdout or b"[]")
    return found


def is_private(tag: str) -> bool:
    """Return whether a tag ("IFD0:Artist") is none of those known to be harmless."""
    if tag == "SourceFile":
        return False
    group, _, name = tag.partition(":")
    if group.startswith("Track"):
        group = "Track"
    if group.startswith(HARMLESS_GROUPS):
        return False
    harmless = HARMLESS.get(group, frozenset())
    if name in HEIF_TAGS.get(group, ()):
        return False
    return harmless is not ANY_TAG and name not in harmless
