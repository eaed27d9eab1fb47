"""What ExifTool may still say of a HEIC or AVIF file: how its pictures are drawn."""

from __future__ import annotations

HEIF_TAGS: dict[str, frozenset[str]] = {
    "QuickTime": frozenset(
        {
            *("HandlerType", "ImageSpatialExtent", "ImagePixelDepth", "Rotation", "Mirroring"),
            *("CleanAperture", "PixelAspectRatio", "AuxiliaryImageType", "ColorProfiles"),
            *("ColorPrimaries", "TransferCharacteristics", "MatrixCoefficients"),
            *("VideoFullRangeFlag", "LayeredImageSelection", "OperatingPointSelector"),
            *("HEVCConfigurationVersion", "GeneralProfileSpace", "GeneralTierFlag"),
            *("GeneralProfileIDC", "GenProfileCompatibilityFlags", "ConstraintIndicatorFlags"),
            *("GeneralLevelIDC", "MinSpatialSegmentationIDC", "ParallelismType", "ChromaFormat"),
            *("BitDepthLuma", "BitDepthChroma", "AverageFrameRate", "ConstantFrameRate"),
            *("NumTemporalLayers", "TemporalIDNested", "AV1ConfigurationVersion", "SeqProfile"),
            *("SeqLevelIdx0", "SeqTier0", "HighBitDepth", "TwelveBit", "ChromaSamplePosition"),
            *("InitialDelaySamples", "Unknown_clli", "Unknown_mdcv", "Unknown_cclv"),
            *("Unknown_a1lx", "Unknown_lhvC", "Unknown_dinf"),
        }
    ),
    "Meta": frozenset(
        {
            *("PrimaryItemReference", "MetaImageSize", "Free"),
            # which pictures are alternatives, or the two views of a 3D photo: their numbers
            *("Unknown_grpl", "Unknown_free"),
        }
    ),
    "Track": frozenset(
        {
            *("OtherFormat", "Unknown_av1C", "Unknown_colr", "Unknown_ccst", "Unknown_auxl"),
            *("Unknown_auxi",),
        }
    ),
    # what Apple's HDR screens need of a gain map
    "XMP-HDRGainMap": frozenset({"HDRGainMapVersion", "HDRGainMapHeadroom"}),
}
