/* global sharewiseAhead, sharewiseBytes, sharewiseOnce */
/* exported sharewiseInspection */

/**
 * Asks the daemon about a file, and has it cleaned and proved; the way to the daemon is passed in.
 *
 * @typedef {(method: string, params: object) => Promise<unknown>} Ask
 *
 * Why nothing can be promised about a file: `kind`: not a format that we know; `damaged`;
 * `stuck`: private, but cannot be removed; `unproven`: cleaned, but not proved; `daemon`: not
 * there; `unreadable`: its bytes cannot be had; `folder`: a dropped folder, which cannot be handed
 * over piece by piece; `failed`: anything else.
 * @typedef {"kind" | "folder" | "damaged" | "stuck" | "unproven" | "daemon" | "unreadable" | "failed"} Doubt
 *
 * `plan` is null while the rest of a file is still looked at that is known to be private.
 *
 * @typedef {{state: "fine"}} Fine
 * @typedef {{state: "private", findings: WireFinding[], plan: PhotoPlan | null}} Revealing
 * @typedef {{state: "doubt", why: Doubt, findings: WireFinding[]}} Doubtful
 * @typedef {Fine | Revealing | Doubtful} Outcome
 */
const sharewiseInspection = sharewiseOnce(() => {
  const {
    HEAD_BYTES,
    PROOF_HEAD_BYTES,
    TAIL_BYTES,
    InspectionError,
    answerAll,
    carriedOut,
    foreseenMarkers,
    read,
    readAhead,
    readNow,
    toBase64,
  } = sharewiseBytes();
  /** More batches than any real file needs; ends a conversation that would not end. */
  const MAX_ROUNDS = 4096;
  /** Where a JPEG has EXIF and XMP, and where it has IPTC. */
  const APP1 = 0xe1;
  const APP13 = 0xed;
  /** Some hundred bytes say how a picture is turned, and little else. */
  const LONG_NOTE_BYTES = 512;

  /**
   * One conversation about one file; ends with its verdict.
   *
   * @param {Blob} file
   * @param {"plan" | "prove"} goal
   * @param {Ask} ask
   * @param {(findings: WireFinding[]) => void} [onFound] told what is certain before the verdict
   * @returns {Promise<PhotoVerdict>}
   */
  async function inspect(file, goal, ask, onFound = () => undefined) {
    const { size } = file;
    const isShort = goal === "prove" && size > HEAD_BYTES;
    const headBytes = isShort ? PROOF_HEAD_BYTES : Math.min(size, HEAD_BYTES);
    const isSmall = size <= sharewiseAhead().SMALL_BYTES;
    /** @param {(file: Blob, start: number, end: number) => Promise<Uint8Array>} by */
    const ends = (by) =>
      Promise.all([by(file, 0, headBytes), by(file, Math.max(0, size - TAIL_BYTES), size)]);
    // These first, unless all is read at once: the daemon is asked while the rest is being read.
    const early = isSmall ? null : ends(readNow);
    // A cleaned file is made of what was looked at before.
    const ahead = goal === "plan" ? readAhead(file) : null;
    try {
      const [head, tail] = await (early ?? ends(read));
      const markers = isSmall || goal === "prove" ? await foreseenMarkers(file, head) : null;
      const opening = {
        size_bytes: size,
        head: toBase64(head),
        tail: toBase64(tail),
        goal,
        ...(markers === null ? {} : { markers }),
      };
      const opened = ask("photo.open", opening);
      if (saysMuch(head)) ahead?.pauseUntil(opened);
      return await converse(file, opened, ask, onFound);
    } finally {
      ahead?.letGo();
    }
  }

  /**
   * Whether the notes at the head of a JPEG are so long that they say more than how it is turned:
   * likely enough something private, which the daemon finds sooner while nothing else works.
   *
   * @param {Uint8Array} head
   * @returns {boolean}
   */
  function saysMuch(head) {
    if (head[0] !== 0xff || head[1] !== 0xd8) return false;
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    for (let at = 2; at + 4 <= head.length && head[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
      const code = head[at + 1];
      const isNote = code === APP1 || code === APP13;
      if (isNote && view.getUint16(at + 2) > LONG_NOTE_BYTES) return true;
    }
    return false;
  }

  /**
   * @param {Blob} file
   * @param {Promise<unknown>} opened what the daemon says first
   * @param {Ask} ask
   * @param {(findings: WireFinding[]) => void} onFound
   * @returns {Promise<PhotoVerdict>}
   */
  async function converse(file, opened, ask, onFound) {
    let step = /** @type {PhotoNeeds | PhotoVerdict} */ (await opened);
    const found = step.state === "needs" ? (step.found ?? []) : [];
    if (found.length > 0) onFound(found);
    for (let round = 0; step.state === "needs"; round += 1) {
      const { session_id, requests, foretold } = step;
      // Nobody waits for the answer: the daemon also drops sessions by itself.
      const giveUp = () => void ask("photo.close", { session_id }).catch(() => undefined);
      let answers;
      try {
        if (round === MAX_ROUNDS) throw new InspectionError("internal", "It would not end.");
        answers = await answerAll(file, requests);
      } catch (error) {
        giveUp();
        throw error;
      }
      const isForetold = foretold && isSame(answers, foretold.answers);
      if (isForetold) giveUp();
      const [next] = await Promise.all([
        isForetold ? foretold.verdict : ask("photo.answer", { session_id, answers }),
        // What was read ahead may be gone meanwhile, and then the page could not read it.
        readNow(file, 0, Math.min(file.size, 1)),
      ]);
      step = /** @type {PhotoNeeds | PhotoVerdict} */ (next);
    }
    return step;
  }

  /**
   * @param {ReadonlyArray<string | number | null>} ours
   * @param {ReadonlyArray<string | number | null>} theirs
   * @returns {boolean}
   */
  function isSame(ours, theirs) {
    return ours.length === theirs.length && ours.every((answer, index) => answer === theirs[index]);
  }

  /** What pictures and videos begin with: offset and bytes as Latin-1 text. */
  const MAGIC = [
    [0, "\xff\xd8\xff"],
    [0, "\x89PNG"],
    [0, "GIF8"],
    [0, "RIFF"],
    [4, "ftyp"],
    [4, "moov"],
    [4, "mdat"],
    [4, "wide"],
    [0, "II*\0"],
    [0, "MM\0*"],
    [0, "II+\0"],
    [0, "MM\0+"],
    [0, "\0\0\0\x0cJXL "],
    [0, "\xff\x0a"],
    [0, "8BPS"],
    [0, "BM"],
    [0, "\x1a\x45\xdf\xa3"],
    [0, "\0\0\x01\xba"],
    [0, "FUJIFILMCCD-RAW"],
  ];

  /**
   * Whether a file is a picture or video, whatever it is called and whether we can judge it.
   *
   * @param {File} file
   * @returns {Promise<boolean>}
   */
  async function isMedia(file) {
    if (/^(image|video)\//i.test(file.type)) return true;
    const head = await read(file, 0, Math.min(file.size, 16));
    const text = String.fromCharCode(...head);
    return MAGIC.some(([at, magic]) => text.startsWith(String(magic), Number(at)));
  }

  /** @type {ReadonlyMap<string, Doubt>} */
  const DOUBT_OF_CODE = new Map([
    ["daemon_unreachable", "daemon"],
    ["daemon_gone", "daemon"],
    ["timed_out", "daemon"],
    ["busy", "daemon"],
    ["protocol_mismatch", "daemon"],
    ["host_missing", "daemon"],
    ["host_forbidden", "daemon"],
    ["unreadable", "unreadable"],
    ["file_changed", "unreadable"],
  ]);

  /**
   * @param {unknown} error
   * @returns {Doubtful}
   */
  function doubtOf(error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { state: "doubt", why: DOUBT_OF_CODE.get(code) ?? "failed", findings: [] };
  }

  /**
   * @param {WireFinding[]} findings
   * @returns {Doubtful}
   */
  function unproven(findings) {
    return { state: "doubt", why: "unproven", findings };
  }

  /**
   * What is to be said of a file before it is shared. Never throws: what goes wrong is a doubt.
   *
   * @param {File} file
   * @param {Ask} ask
   * @param {(findings: WireFinding[]) => void} [onFound] told what is certain before that
   * @returns {Promise<Outcome>}
   */
  async function judge(file, ask, onFound) {
    // An empty file gives nothing away.
    if (file.size === 0) return { state: "fine" };
    try {
      const verdict = await inspect(file, "plan", ask, onFound);
      const { findings, plan } = verdict;
      switch (verdict.status) {
        case "clean":
          return { state: "fine" };
        case "private":
          return plan === null
            ? { state: "doubt", why: "stuck", findings }
            : { state: "private", findings, plan };
        case "malformed":
          return { state: "doubt", why: "damaged", findings };
        case "unsupported":
          // Text, archives and the like are none of our business.
          return (await isMedia(file))
            ? { state: "doubt", why: "kind", findings }
            : { state: "fine" };
        default:
          return { state: "doubt", why: "failed", findings: [] };
      }
    } catch (error) {
      return doubtOf(error);
    }
  }

  /**
   * Carry a plan out and prove the result.
   *
   * @param {File} file
   * @param {PhotoPlan} plan
   * @param {Ask} ask
   * @returns {Promise<{file: File | null, doubt: Doubtful | null}>} the cleaned file if it could be
   *   made, and why it is not proved if it is not
   */
  async function clean(file, plan, ask) {
    let cleaned;
    try {
      cleaned = carriedOut(file, plan);
    } catch (error) {
      return { file: null, doubt: doubtOf(error) };
    }
    try {
      const proof = await inspect(cleaned, "prove", ask);
      if (proof.status === "clean") return { file: cleaned, doubt: null };
      return { file: cleaned, doubt: unproven(proof.findings) };
    } catch {
      return { file: cleaned, doubt: unproven([]) };
    }
  }

  /**
   * Do `work` for each of `items`, at most `width` at a time.
   *
   * @template T
   * @param {readonly T[]} items
   * @param {number} width
   * @param {(item: T) => Promise<void>} work
   * @returns {Promise<void>}
   */
  async function eachLimited(items, width, work) {
    let next = 0;
    /** @returns {Promise<void>} */
    async function worker() {
      for (let item = items[next]; item !== undefined; item = items[next]) {
        next += 1;
        await work(item);
      }
    }
    await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  }

  return Object.freeze({ inspect, judge, clean, eachLimited });
});
