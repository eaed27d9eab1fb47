"""The words of SVG that mean something when it is drawn, and the programs that add their own.

Source: SVG 1.1 (W3C, second edition), appendices L and M; SVG 2 (W3C, 2018), attribute and element
index; SVG Animations Level 2; Filter Effects 1; CSS Masking 1; WAI-ARIA 1.2.
"""

from __future__ import annotations

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
XHTML = "http://www.w3.org/1999/xhtml"
MATHML = "http://www.w3.org/1998/Math/MathML"
EVENTS = "http://www.w3.org/2001/xml-events"
XMLNS = "http://www.w3.org/2000/xmlns/"
CONTENT = frozenset({XHTML, MATHML})
"""Vocabularies that are drawn inside a `foreignObject`."""
HARMLESS = frozenset({SVG, XLINK, XML, XHTML, MATHML, EVENTS, XMLNS})

_PROGRAMS: tuple[tuple[str, str], ...] = (
    ("http://www.inkscape.org/", "Inkscape"),
    ("http://sodipodi.sourceforge.net/", "Inkscape"),
    ("http://www.openswatchbook.org/", "Inkscape"),
    ("http://inkscape.sourceforge.net/", "Inkscape"),
    ("http://ns.adobe.com/", "a program by Adobe"),
    ("adobe:ns:", "a program by Adobe"),
    ("http://www.bohemiancoding.com/sketch", "Sketch"),
    ("http://www.figma.com/", "Figma"),
    ("http://www.serif.com/", "Affinity"),
    ("http://vectornator.io", "Vectornator"),
    ("https://boxy-svg.com", "Boxy SVG"),
    ("http://schemas.microsoft.com/visio", "Microsoft Visio"),
    ("http://www.corel.com/", "CorelDRAW"),
    ("http://xml.openoffice.org/", "OpenOffice or LibreOffice"),
    ("http://sun.com/", "OpenOffice or LibreOffice"),
    ("http://svg-edit", "SVG-edit"),
    ("http://svgjs", "SVG.js"),
    ("http://krita.org/", "Krita"),
)


def program_of(namespace: str) -> str | None:
    """Return the program whose vocabulary this is, or None."""
    return next((name for start, name in _PROGRAMS if namespace.startswith(start)), None)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DESCRIPTIVE = frozenset({"metadata", "title", "desc"})
TEXT_HOLDERS = frozenset(
    {
        *("text", "style", "foreignObject", "textArea"),
        *("flowRoot", "flowPara", "flowDiv"),
    }
)
"""Elements in which characters are drawn or carried out; elsewhere they only hide."""
ELEMENTS = _words(
    """
    a altGlyph altGlyphDef altGlyphItem animate animateColor animateMotion animateTransform
    animation audio canvas circle clipPath color-profile cursor defs discard ellipse feBlend
    feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
    feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight
    feSpecularLighting feSpotLight feTile feTurbulence filter flowDiv flowLine flowPara
    flowRegion flowRegionBreak flowRegionExclude flowRoot flowSpan flowTref font font-face
    font-face-format font-face-name font-face-src font-face-uri foreignObject g glyph glyphRef
    hatch hatchpath hkern image line linearGradient marker mask mesh
    meshGradient meshPatch meshRow meshgradient meshpatch meshrow missing-glyph mpath page path
    pattern polygon polyline radialGradient rect set solidColor solidcolor stop
    style svg switch symbol tbreak text textArea textPath tref tspan unknown use video view
    vkern
    """
)
ATTRIBUTES = _words(
    """
    accent-height accumulate additive alignment-baseline alphabetic amplitude arabic-form ascent
    async attributeName attributeType azimuth baseFrequency baseProfile baseline-shift bbox
    begin bias blend-mode by calcMode cap-height class clip clip-path clip-rule clipPathUnits
    color color-interpolation color-interpolation-filters color-profile color-rendering
    contentStyleType controls crossorigin cursor cx cy d decoding defer
    descent diffuseConstant direction display divisor dominant-baseline dur dx dy
    edgeMode elevation enable-background end event exponent
    fetchpriority fill fill-opacity fill-rule filter filterPrimitiveUnits filterRes filterUnits
    flood-color flood-opacity focusable font font-family font-feature-settings font-kerning
    font-palette font-size font-size-adjust font-stretch font-style font-synthesis font-variant
    font-variant-alternates font-variant-caps font-variant-east-asian font-variant-ligatures
    font-variant-numeric font-variant-position font-variation-settings font-weight format fr
    from fx fy g1 g2 glyph-orientation-horizontal glyph-orientation-vertical glyphRef
    gradientTransform gradientUnits hanging hatchContentUnits hatchUnits height
    horiz-adv-x horiz-origin-x horiz-origin-y href id ideographic image-rendering in
    in2 inline-size intercept isolation k k1 k2 k3 k4 kernelMatrix kernelUnitLength
    kerning keyPoints keySplines keyTimes lang lengthAdjust letter-spacing lighting-color
    limitingConeAngle line-height local loop marker marker-end marker-mid marker-start
    markerHeight markerUnits markerWidth mask mask-border mask-border-mode mask-border-outset
    mask-border-repeat mask-border-slice mask-border-source mask-border-width mask-clip
    mask-composite mask-image mask-mode mask-origin mask-position mask-repeat mask-size
    mask-type maskContentUnits maskUnits mathematical max media method min mix-blend-mode mode
    muted name numOctaves offset opacity operator order orient orientation origin overflow
    overflow-x overflow-y overline-position overline-thickness paint-order panose-1 path
    pathLength patternContentUnits patternTransform patternUnits pitch playbackorder
    pointer-events points pointsAtX pointsAtY pointsAtZ preload preserveAlpha
    preserveAspectRatio primitiveUnits propagate r radius refX refY
    rendering-intent repeatCount repeatDur requiredExtensions requiredFeatures requiredFonts
    requiredFormats restart result rotate rx ry scale seed shape-image-threshold
    shape-inside shape-margin shape-padding shape-rendering shape-subtract side slope
    snapshotTime solid-color solid-opacity space spacing specularConstant specularExponent
    spreadMethod src srcset startOffset stdDeviation stemh stemv stitchTiles stop-color
    stop-opacity strikethrough-position strikethrough-thickness string stroke stroke-alignment
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-width style surfaceScale systemLanguage tableValues
    targetX targetY text-align text-align-last text-anchor text-decoration text-decoration-color
    text-decoration-fill text-decoration-line text-decoration-stroke text-decoration-style
    text-indent text-orientation text-overflow text-rendering text-transform textLength
    timelinebegin to transform transform-box transform-origin type u1 u2 underline-position
    underline-thickness unicode unicode-bidi unicode-range units-per-em v-alphabetic v-hanging
    v-ideographic v-mathematical values vector-effect version vert-adv-y vert-origin-x
    vert-origin-y viewBox viewTarget visibility white-space width widths will-change word-break
    word-spacing word-wrap writing-mode x x-height x1 x2 xChannelSelector y y1 y2
    yChannelSelector z zoomAndPan
    """
)
DESCRIBING = frozenset(
    {"aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "alt"}
)
LINKS = frozenset({"href", "src"})
LOADING = frozenset({"srcset", "imagesrcset", "poster", "background", "lowsrc", "dynsrc", "data"})
"""Attributes by which pages load something."""
PAGE_ATTRIBUTES = _words(
    """
    abbr align bgcolor border cellpadding cellspacing char charoff charset checked clear cols
    colspan compact coords dir disabled download face frame frameborder hidden high hspace ismap
    label loading low marginheight marginwidth maxlength multiple noshade nowrap open optimum
    placeholder readonly reversed rows rowspan rules scope selected shape size sizes span start
    summary tabindex value valign vspace wrap accent accentunder columnalign columnlines
    columnspacing denomalign depth displaystyle fence form largeop linethickness lspace
    mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation numalign
    rowalign rowlines rowspacing rspace scriptlevel separator stretchy subscriptshift
    superscriptshift symmetric
    voffset
    """
)
"""Attributes of pages and formulas that change how they look."""
XLINK_ATTRIBUTES = frozenset({"href"})
SCRIPTED = frozenset({"script", "iframe", "object", "embed", "link", "meta", "base"})
"""Elements of pages that run or load something, or describe it."""
XML_ATTRIBUTES = frozenset({"space", "lang", "id", "base"})


def is_drawing_attribute(name: str) -> bool:
    """Return whether an attribute without a prefix is one of SVG's own."""
    return name in ATTRIBUTES or name == "aria-hidden"
