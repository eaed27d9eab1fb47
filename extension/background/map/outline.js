/**
 * The outline of the countries, and the piece of it around some places, as paths of an SVG.
 *
 * outline.bin (see NOTICE): numbers of 7 bits a byte, the lowest first, the high bit set on all but
 * the last; signed ones are doubled, less one and positive if negative. Steps of the grid per
 * degree; the count of lines, and for each the count of its points and the points, east before
 * north, each as the difference from the one before; the count of rings, and for each the count of
 * its lines and their numbers, ~n for line n backwards.
 *
 * @typedef {[number, number]} Point degrees or pixels, east before north, or right before down
 * @typedef {{rings: Point[][], borders: Point[][]}} Outline in degrees; `borders` lie between two
 *   countries
 * @typedef {{land: string, borders: string, dots: Point[]}} MapPiece paths and pixels
 * @typedef {{latitude: number, longitude: number}} Place
 * @typedef {{west: number, south: number, east: number, north: number}} Frame degrees
 */

/** Of the map's height at the least, in degrees: a country and its neighbours. */
const MIN_SPAN = 15;
const MAX_SPAN = 150;
/** Around many places, as a share of their extent. */
const MARGIN = 0.35;
/** A map at the pole would be all width. */
const MIN_COSINE = 0.25;
/** Beyond the edges, so that no cut is seen. */
const BLEED_PIXELS = 6;
/** Points of a path that lie closer to each other are not told apart. */
const FINE_PIXELS = 0.6;

/**
 * @param {Uint8Array} bytes of outline.bin
 * @returns {Outline}
 */
export function readOutline(bytes) {
  let at = 0;
  function number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error("The outline ends too early.");
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  function signed() {
    const value = number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  const steps = number();
  const lines = Array.from({ length: number() }, () => {
    let [x, y] = [0, 0];
    const points = Array.from({ length: number() }, () => {
      x += signed();
      y += signed();
      return /** @type {Point} */ ([x / steps, y / steps]);
    });
    return unwrapped(points);
  });
  const uses = lines.map(() => 0);
  const rings = Array.from({ length: number() }, () => {
    const parts = Array.from({ length: number() }, () => {
      const one = signed();
      const index = one < 0 ? -one - 1 : one;
      uses[index] = (uses[index] ?? 0) + 1;
      const line = lines[index] ?? [];
      return one < 0 ? line.toReversed() : line;
    });
    return closed(unwrapped(parts.flat()));
  });
  return { rings, borders: lines.filter((_, index) => (uses[index] ?? 0) > 1) };
}

/**
 * The same points without jumps from one edge of the world to the other.
 *
 * @param {Point[]} points
 * @returns {Point[]}
 */
function unwrapped(points) {
  let turn = 0;
  return points.map(([x, y], index) => {
    const before = points[index - 1];
    if (before !== undefined) turn -= Math.round((x - before[0]) / 360) * 360;
    return turn === 0 ? [x, y] : [x + turn, y];
  });
}

/**
 * A ring around the pole (of Antarctica) closes by way of it.
 *
 * @param {Point[]} ring
 * @returns {Point[]}
 */
function closed(ring) {
  const [first, last] = [ring[0], ring.at(-1)];
  if (first === undefined || last === undefined || Math.abs(first[0] - last[0]) < 180) return ring;
  return [...ring, [last[0], -90], [first[0], -90]];
}

/**
 * @param {Outline} outline
 * @param {readonly Place[]} places at least one
 * @param {number} width of the map, in pixels
 * @param {number} height
 * @returns {MapPiece}
 */
export function pieceAround(outline, places, width, height) {
  const { centre, scaleX, scaleY } = viewOf(places, width, height);
  const bleedX = BLEED_PIXELS / scaleX;
  const bleedY = BLEED_PIXELS / scaleY;
  const frame = {
    west: centre[0] - width / 2 / scaleX - bleedX,
    east: centre[0] + width / 2 / scaleX + bleedX,
    south: centre[1] - height / 2 / scaleY - bleedY,
    north: centre[1] + height / 2 / scaleY + bleedY,
  };
  /** @param {Point} point */
  const pixels = ([x, y]) =>
    /** @type {Point} */ ([
      tenths((x - centre[0]) * scaleX + width / 2),
      tenths(height / 2 - (y - centre[1]) * scaleY),
    ]);
  const land = [];
  const borders = [];
  for (const turn of [-360, 0, 360]) {
    for (const ring of outline.rings) {
      const cut = cutRing(turned(ring, turn, frame), frame);
      if (cut.length > 2) land.push(`M${thinned(cut.map(pixels)).join("L")}Z`);
    }
    for (const line of outline.borders) {
      for (const part of cutLine(turned(line, turn, frame), frame)) {
        borders.push(`M${thinned(part.map(pixels)).join("L")}`);
      }
    }
  }
  const dots = places.map(({ latitude, longitude }) => {
    const turns = Math.round((centre[0] - longitude) / 360);
    return pixels([longitude + turns * 360, latitude]);
  });
  return { land: land.join(""), borders: borders.join(""), dots };
}

/**
 * @param {readonly Place[]} places
 * @param {number} width
 * @param {number} height
 * @returns {{centre: Point, scaleX: number, scaleY: number}} scales in pixels a degree
 */
function viewOf(places, width, height) {
  const latitudes = places.map(({ latitude }) => latitude);
  const north = Math.max(...latitudes);
  const south = Math.min(...latitudes);
  const { west, extent } = narrowest(places.map(({ longitude }) => longitude));
  const middle = (north + south) / 2;
  const cosine = Math.max(MIN_COSINE, Math.cos((middle * Math.PI) / 180));
  const wanted = Math.max(north - south, (extent * cosine * height) / width) * (1 + 2 * MARGIN);
  const span = Math.min(MAX_SPAN, Math.max(MIN_SPAN, wanted));
  const scaleY = height / span;
  return { centre: [west + extent / 2, middle], scaleX: scaleY * cosine, scaleY };
}

/**
 * The shortest stretch of the circle that holds all of these longitudes.
 *
 * @param {readonly number[]} longitudes
 * @returns {{west: number, extent: number}}
 */
function narrowest(longitudes) {
  const sorted = [...longitudes].sort((a, b) => a - b);
  const first = sorted[0] ?? 0;
  let [west, gap] = [first, 360 - ((sorted.at(-1) ?? 0) - first)];
  sorted.forEach((longitude, index) => {
    const next = sorted[index + 1];
    if (next !== undefined && next - longitude > gap) [west, gap] = [next, next - longitude];
  });
  return { west, extent: 360 - gap };
}

/**
 * @param {Point[]} points
 * @param {number} turn degrees to the east
 * @param {Frame} frame
 * @returns {Point[]} none if they cannot be in the frame
 */
function turned(points, turn, frame) {
  let [isWest, isEast, isSouth, isNorth] = [true, true, true, true];
  for (const [x, y] of points) {
    isWest &&= x + turn < frame.west;
    isEast &&= x + turn > frame.east;
    isSouth &&= y < frame.south;
    isNorth &&= y > frame.north;
    if (!isWest && !isEast && !isSouth && !isNorth) break;
  }
  if (isWest || isEast || isSouth || isNorth) return [];
  return turn === 0 ? points : points.map(([x, y]) => [x + turn, y]);
}

/**
 * Source: Sutherland and Hodgman, Communications of the ACM 17 (1974), pages 32-42.
 *
 * @param {Point[]} ring
 * @param {Frame} frame
 * @returns {Point[]}
 */
function cutRing(ring, frame) {
  /** @type {ReadonlyArray<[0 | 1, number, 1 | -1]>} */
  const edges = [
    [0, frame.west, 1],
    [0, frame.east, -1],
    [1, frame.south, 1],
    [1, frame.north, -1],
  ];
  let points = ring;
  for (const [axis, limit, sign] of edges) {
    /** @type {Point[]} */
    const kept = [];
    points.forEach((point, index) => {
      const before = points.at(index - 1) ?? point;
      const isIn = (point[axis] - limit) * sign >= 0;
      const isCrossed = isIn !== (before[axis] - limit) * sign >= 0;
      if (isCrossed) kept.push(crossing(before, point, axis, limit));
      if (isIn) kept.push(point);
    });
    points = kept;
  }
  return points;
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {0 | 1} axis
 * @param {number} limit
 * @returns {Point}
 */
function crossing(from, to, axis, limit) {
  const share = (limit - from[axis]) / (to[axis] - from[axis]);
  return axis === 0
    ? [limit, from[1] + share * (to[1] - from[1])]
    : [from[0] + share * (to[0] - from[0]), limit];
}

/**
 * The parts of a line that come near the frame: what lies wholly beside it is left out.
 *
 * @param {Point[]} line
 * @param {Frame} frame
 * @returns {Point[][]}
 */
function cutLine(line, frame) {
  /** @type {Point[][]} */
  const parts = [];
  /** @type {Point[]} */
  let part = [];
  line.forEach((to, index) => {
    const from = line[index - 1];
    if (from === undefined) return;
    const isBeside =
      Math.max(from[0], to[0]) < frame.west ||
      Math.min(from[0], to[0]) > frame.east ||
      Math.max(from[1], to[1]) < frame.south ||
      Math.min(from[1], to[1]) > frame.north;
    if (isBeside) {
      part = [];
      return;
    }
    if (part.length === 0) {
      part = [from];
      parts.push(part);
    }
    part.push(to);
  });
  return parts;
}

/**
 * @param {Point[]} points in pixels
 * @returns {Point[]}
 */
function thinned(points) {
  let last = points[0] ?? [0, 0];
  return points.filter((point, index) => {
    const isFar = Math.hypot(point[0] - last[0], point[1] - last[1]) >= FINE_PIXELS;
    const isKept = index === 0 || index === points.length - 1 || isFar;
    if (isKept) last = point;
    return isKept;
  });
}

/** @param {number} value */
function tenths(value) {
  return Math.round(value * 10) / 10;
}
