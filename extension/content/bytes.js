/* global sharewiseAhead, sharewiseInflating, sharewiseOnce, sharewiseReading, sharewiseSearched,
   sharewiseSearches */
/* exported sharewiseBytes */

/**
 * The bytes of a file that stays in the page: answers what the inspector asks for, and cuts the
 * parts of a cleaned file.
 *
 * Nothing here touches the document or the daemon. This is the isolated world, whose built-ins no
 * page can replace.
 *
 * @typedef {import('../generated/wire.js').PhotoNeeds} PhotoNeeds
 * @typedef {import('../generated/wire.js').PhotoVerdict} PhotoVerdict
 * @typedef {import('../generated/wire.js').WireFinding} WireFinding
 * @typedef {import('../generated/wire.js').NearTown} NearTown
 * @typedef {NonNullable<PhotoVerdict['plan']>} PhotoPlan
 * @typedef {PhotoNeeds['requests'][number]} PhotoRequest
 *
 * What is begun before it is asked for; `pauseUntil` leaves the processors to something else until
 * then, `letGo` is called when the look is over.
 * @typedef {{pauseUntil: (answered: Promise<unknown>) => void, letGo: () => void}} Ahead
 */
const sharewiseBytes = sharewiseOnce(() => {
  const { FIND_BLOCK_BYTES, InspectionError, read, readNow, unlessUnreadable } = sharewiseReading();
  const {
    MARKERS_AHEAD,
    findArrivingMarkers,
    findNonzero,
    findOffset,
    gifBlocks,
    markersUpTo,
    packed,
  } = sharewiseSearches();
  /** As in generated/wire.js, which a content script cannot import; a test compares them. */
  const HEAD_BYTES = 57344;
  const PROOF_HEAD_BYTES = 8192;
  const TAIL_BYTES = 4096;
  const PART_BYTES = 196608;
  /** From so many ranges on, those within so many bytes for each are read at once. */
  const FEW_RANGES = 8;
  const NEAR_BYTES = 1 << 17;

  /**
   * @param {Uint8Array} bytes
   * @returns {string}
   */
  function toBase64(bytes) {
    const able = /** @type {{toBase64?: () => string}} */ (bytes);
    if (able.toBase64 !== undefined) return able.toBase64();
    // Chromium before 140, Firefox before 133.
    const parts = [];
    for (let at = 0; at < bytes.length; at += 0x6000) {
      parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x6000)));
    }
    return btoa(parts.join(""));
  }

  /**
   * @param {string} text
   * @returns {Uint8Array<ArrayBuffer>}
   */
  function fromBase64(text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
    return bytes;
  }

  /**
   * Begin with what the daemon is going to ask for.
   *
   * @param {Blob} file that is looked at from now on
   * @returns {Ahead}
   */
  function readAhead(file) {
    const { size, type } = file;
    const { MAX_FILE_BYTES, begin, holds } = sharewiseAhead();
    const letGo = begin(file);
    let isOver = false;
    /** @type {Promise<unknown> | null} */
    let pause = null;
    if (type === "image/jpeg" && size > HEAD_BYTES && size <= MAX_FILE_BYTES) {
      const isRead = "cloneInto" in globalThis || holds(file);
      const search = isRead ? markersUpTo(MARKERS_AHEAD, mayGoOn) : arriving;
      sharewiseSearched().searchAhead(file, HEAD_BYTES, size, MARKERS_AHEAD, search);
    }
    if (type === "image/png" && size > HEAD_BYTES) {
      // Where it fails the daemon asks once more, and hears why.
      sharewiseInflating()
        .begin(file)
        .catch(() => undefined);
    }
    return {
      pauseUntil: (answered) => {
        pause = answered.catch(() => undefined);
      },
      letGo: () => {
        isOver = true;
        letGo();
      },
    };

    /** @returns {Promise<boolean>} */
    async function mayGoOn() {
      if (pause !== null) await pause;
      return !isOver;
    }

    /** @type {(of: Blob, start: number, end: number) => Promise<number[]>} */
    function arriving(of, start, end) {
      return findArrivingMarkers(of, start, end, MARKERS_AHEAD, mayGoOn);
    }
  }

  /**
   * @param {number} offset
   * @param {number} length
   * @param {Blob} file
   */
  function checkInside(offset, length, file) {
    const isInside =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= file.size;
    if (!isInside) throw new InspectionError("invalid_params", "A range lies outside the file.");
  }

  /**
   * @param {{start: number, end: number}} range that may reach past the end
   * @param {Blob} file
   * @returns {[number, number]}
   */
  function within({ start, end }, file) {
    checkInside(start, 0, file);
    return [start, Math.max(start, Math.min(end, file.size))];
  }

  /** @param {number} length of a range that is asked for */
  function checkPart(length) {
    if (length <= PART_BYTES) return;
    throw new InspectionError("too_large", "More of the file was asked for than may leave.");
  }

  /**
   * The markers of a JPEG that the daemon is going to ask for, where that is no more work than
   * waiting for it to ask: they are known, or the file is small.
   *
   * @param {Blob} file
   * @param {Uint8Array} head its first bytes
   * @returns {Promise<string | null>} all from the last of these bytes on, in base64
   */
  async function foreseenMarkers(file, head) {
    if (head.length === file.size || head[0] !== 0xff || head[1] !== 0xd8) return null;
    const found = await sharewiseSearched().markers(
      file,
      head.length - 1,
      file.size,
      MARKERS_AHEAD,
      markersUpTo(MARKERS_AHEAD),
    );
    return found.length < MARKERS_AHEAD ? toBase64(packed(found)) : null;
  }

  /**
   * @param {Blob} file
   * @param {PhotoRequest} request
   * @returns {Promise<string | number | null>} bytes as base64
   */
  async function answer(file, request) {
    switch (request.ask) {
      case "range": {
        checkInside(request.offset, request.length, file);
        checkPart(request.length);
        return toBase64(await read(file, request.offset, request.offset + request.length));
      }
      case "find": {
        const needle = fromBase64(request.needle);
        const [start, end] = within(request, file);
        const what = `find ${request.needle}`;
        return sharewiseSearched().place(file, what, start, end, (source, from, to) =>
          findOffset(source, needle, from, to),
        );
      }
      case "find_markers": {
        const { limit } = request;
        const [start, end] = within(request, file);
        const found = await sharewiseSearched().markers(
          file,
          start,
          end,
          limit,
          markersUpTo(limit),
        );
        return toBase64(packed(found));
      }
      case "inflate": {
        const { spans, limit } = request;
        for (const { offset, length } of spans) checkInside(offset, length, file);
        return unlessUnreadable(sharewiseInflating().size(file, spans, limit));
      }
      case "find_nonzero": {
        const { start, end } = request;
        checkInside(start, end - start, file);
        return sharewiseSearched().place(file, "nonzero", start, end, findNonzero);
      }
      case "gif_blocks":
        checkInside(request.start, request.end - request.start, file);
        return toBase64(await gifBlocks(file, request.start, request.end, request.limit));
      default:
        throw new InspectionError("invalid_request", "The inspector asked for something unknown.");
    }
  }

  /**
   * Answer requests side by side. Many small ranges that lie near each other, as the headers of a
   * picture's chunks do, are read at once: in Chromium each read costs a millisecond.
   *
   * @param {Blob} file
   * @param {readonly PhotoRequest[]} requests
   * @returns {Promise<Array<string | number | null>>}
   */
  async function answerAll(file, requests) {
    const ranges = requests.filter((request) => request.ask === "range");
    for (const { offset, length } of ranges) checkInside(offset, length, file);
    const start = Math.min(...ranges.map(({ offset }) => offset));
    const end = Math.max(...ranges.map(({ offset, length }) => offset + length));
    const isNear = ranges.length >= FEW_RANGES && end - start <= ranges.length * NEAR_BYTES;
    if (!isNear || sharewiseAhead().holds(file)) {
      return Promise.all(requests.map((request) => answer(file, request)));
    }
    const bytes = await read(file, start, end);
    return Promise.all(
      requests.map((request) => {
        const { ask } = request;
        if (ask !== "range") return answer(file, request);
        checkPart(request.length);
        const at = request.offset - start;
        return toBase64(bytes.subarray(at, at + request.length));
      }),
    );
  }

  /**
   * The cleaned file; kept ranges stay references into the original.
   *
   * @param {File} file
   * @param {PhotoPlan} plan
   * @returns {File}
   */
  function carriedOut(file, plan) {
    const parts = pieces(file, plan);
    const { name, type, lastModified } = file;
    const cleaned = new File(parts, name, { type, lastModified });
    const sizes = parts.map((part) => ("size" in part ? part.size : part.length));
    sharewiseSearched().copied(cleaned, file, plan, sizes);
    return cleaned;
  }

  /**
   * The parts of the cleaned file, in order.
   *
   * @param {Blob} file
   * @param {PhotoPlan} plan
   * @returns {Array<Blob | Uint8Array<ArrayBuffer>>}
   */
  function pieces(file, plan) {
    return plan.map((step) => {
      switch (step.step) {
        case "keep":
          checkInside(step.offset, step.length, file);
          return file.slice(step.offset, step.offset + step.length);
        case "insert":
          return fromBase64(step.data);
        case "zeros":
          return new Uint8Array(step.length);
        default:
          throw new InspectionError("invalid_request", "The plan has a step that is unknown.");
      }
    });
  }

  return Object.freeze({
    HEAD_BYTES,
    PROOF_HEAD_BYTES,
    TAIL_BYTES,
    PART_BYTES,
    FIND_BLOCK_BYTES,
    InspectionError,
    toBase64,
    fromBase64,
    foreseenMarkers,
    read,
    readAhead,
    readNow,
    answer,
    answerAll,
    carriedOut,
  });
});
