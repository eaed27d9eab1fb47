/* global sharewiseOnce */
/* exported sharewiseSearched */

/**
 * What was found out about long stretches of a file, so that none is searched twice: not when the
 * daemon asks for what was searched ahead, and not in the cleaned copy, which is made of references
 * into the same file (`File.slice`). A file that changes meanwhile cannot be read any more in
 * Chromium; where it can, whoever reads it last would read something else anyway.
 */
const sharewiseSearched = sharewiseOnce(() => {
  /**
   * `isAll`: there are no more than those found.
   * @typedef {{start: number, end: number, found: number[], isAll: boolean}} Markers
   * @typedef {(file: Blob, start: number, end: number) => Promise<number[]>} SearchMarkers the
   *   first `limit`
   */
  /** What is held for one file. */
  class Notes {
    /** Searched ahead, or to be so. @type {Promise<Markers | null>} */
    markers = Promise.resolve(null);
    /** By what was asked. @type {Map<string, Promise<number | null>>} */
    answers = new Map();
    /**
     * Of a cleaned copy: what it is a copy of, and where each part comes from.
     * @type {{file: Blob, parts: Array<{at: number, length: number, origin: number}>} | null}
     */
    original = null;
  }

  /** @type {WeakMap<Blob, Notes>} */
  const notes = new WeakMap();

  /**
   * @param {Blob} file
   * @returns {Notes}
   */
  function of(file) {
    const known = notes.get(file) ?? new Notes();
    notes.set(file, known);
    return known;
  }

  /**
   * Say of which parts of which file a copy is made.
   *
   * @param {Blob} copy
   * @param {Blob} file
   * @param {ReadonlyArray<{step: string, offset?: number}>} plan
   * @param {readonly number[]} lengths bytes that each step gave
   */
  function copied(copy, file, plan, lengths) {
    /** @type {Array<{at: number, length: number, origin: number}>} */
    const parts = [];
    let at = 0;
    plan.forEach(({ step, offset = 0 }, index) => {
      const length = lengths[index] ?? 0;
      if (step === "keep") parts.push({ at, length, origin: offset });
      at += length;
    });
    of(copy).original = { file, parts };
  }

  /**
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @returns {{source: Blob, shift: number}} where these bytes come from, and what is to be added to
   *   an offset there for one here; the file itself if they are not all of one part of another
   */
  function sourceOf(file, start, end) {
    const original = notes.get(file)?.original ?? null;
    const part = original?.parts.find(({ at, length }) => at <= start && end <= at + length);
    if (original === null || part === undefined) return { source: file, shift: 0 };
    return { source: original.file, shift: part.at - part.origin };
  }

  /**
   * Have a stretch searched for JPEG markers before anybody asks.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} limit
   * @param {SearchMarkers} search
   */
  function searchAhead(file, start, end, limit, search) {
    of(file).markers = search(file, start, end).then(
      (found) => markersOf(start, end, found, limit),
      // Whoever asks hears of it, as the search is begun again.
      () => null,
    );
  }

  /**
   * The first `limit` JPEG markers in [start, end), from what is known as far as that goes.
   *
   * @param {Blob} file
   * @param {number} start
   * @param {number} end
   * @param {number} limit
   * @param {SearchMarkers} search
   * @returns {Promise<number[]>}
   */
  async function markers(file, start, end, limit, search) {
    const { source, shift } = sourceOf(file, start, end);
    const [first, last] = [start - shift, end - shift];
    const known = (await notes.get(source)?.markers) ?? null;
    if (known === null || !known.isAll || known.start >= last || last > known.end) {
      const found = await search(source, first, last);
      if (known === null) {
        of(source).markers = Promise.resolve(markersOf(first, last, found, limit));
      }
      return found.map((at) => at + shift);
    }
    // One byte more than is missing: the second of a marker that begins with the last of these.
    const before = first < known.start ? await search(source, first, known.start + 1) : [];
    const after = known.found.filter((at) => at >= first && at + 1 < last);
    return [...before, ...after].slice(0, limit).map((at) => at + shift);
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {number[]} found
   * @param {number} limit
   * @returns {Markers}
   */
  function markersOf(start, end, found, limit) {
    return { start, end, found, isAll: found.length < limit };
  }

  /**
   * The first place of something in [start, end): what was found before, else what `search` finds.
   *
   * @param {Blob} file
   * @param {string} what
   * @param {number} start
   * @param {number} end
   * @param {(file: Blob, start: number, end: number) => Promise<number | null>} search
   * @returns {Promise<number | null>}
   */
  async function place(file, what, start, end, search) {
    const { source, shift } = sourceOf(file, start, end);
    const [first, last] = [start - shift, end - shift];
    const key = `${what} ${first} ${last}`;
    const found = await remembered(source, key, () => search(source, first, last));
    return found === null ? null : found + shift;
  }

  /**
   * What is said of some parts of a file together: what was said before, else what `look` says.
   *
   * @param {Blob} file
   * @param {string} what
   * @param {ReadonlyArray<{offset: number, length: number}>} spans
   * @param {() => Promise<number | null>} look
   * @returns {Promise<number | null>}
   */
  function size(file, what, spans, look) {
    const sources = spans.map(({ offset, length }) => sourceOf(file, offset, offset + length));
    const source = sources[0]?.source ?? file;
    if (sources.some((one) => one.source !== source)) return look();
    const places = spans.map(
      ({ offset, length }, index) => `${offset - (sources[index]?.shift ?? 0)}+${length}`,
    );
    return remembered(source, `${what} ${places.join()}`, look);
  }

  /**
   * @param {Blob} file
   * @param {string} key
   * @param {() => Promise<number | null>} look
   * @returns {Promise<number | null>}
   */
  function remembered(file, key, look) {
    const { answers } = of(file);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = look();
    answers.set(key, answer);
    // Where it could not be read it is tried again.
    answer.catch(() => answers.delete(key));
    return answer;
  }

  return Object.freeze({ copied, markers, place, searchAhead, size });
});
