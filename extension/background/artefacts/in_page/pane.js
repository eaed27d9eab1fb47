// Classic script for the isolated world of a page: steps through the part that scrolls by itself,
// such as a chat, and reads its words on the way. Such a part often holds only what is on screen.
// Needs scroll.js beside it.
(() => {
  /** A step shows a fifth of the one before again, so that nothing lies between two pictures. */
  const STEP = 0.8;
  const QUIET_MS = 100;
  const SETTLE_MS = 450;
  const GROW_MS = 700;
  const ABANDONED_MS = 15_000;
  /** Words whose upper edges differ by less stand on one line. */
  const LINE_PX = 5;
  const MAX_LINES = 50_000;

  /** @type {{ pane: HTMLElement, token: string, top: number, timer: Timer } | null} */
  let displaced = null;
  /** @type {string[]} */
  let lines = [];
  /** @typedef {ReturnType<typeof setTimeout>} Timer */

  /** @param {string} token */
  function paneOf(token) {
    if (!globalThis.sharewiseScroll?.position(token)) return null;
    if (displaced?.token === token) {
      postpone(displaced);
      // Another one in its place would be another conversation, for all that is known.
      return displaced.pane.isConnected ? displaced.pane : null;
    }
    const [pane] = globalThis.sharewiseScroll.innerPanes();
    if (!pane) return null;
    lines = [];
    displaced = { pane, token, top: pane.scrollTop, timer: setTimeout(putBack, ABANDONED_MS) };
    globalThis.sharewiseScroll.override(pane, { "scroll-snap-type": "none" });
    return pane;
  }

  /** @param {NonNullable<typeof displaced>} from */
  function postpone(from) {
    clearTimeout(from.timer);
    from.timer = setTimeout(putBack, ABANDONED_MS);
  }

  /** @param {HTMLElement} pane */
  function lengthOf(pane) {
    return Math.max(0, pane.scrollHeight - pane.clientHeight);
  }

  /**
   * Where a column is reversed its top has a negative offset, and its end is 0.
   * @param {HTMLElement} pane
   */
  function topOf(pane) {
    return pane.scrollTop < 0 ? -lengthOf(pane) : 0;
  }

  /** @param {HTMLElement} pane */
  function stepOf(pane) {
    return Math.max(1, Math.floor(pane.clientHeight * STEP));
  }

  /**
   * @param {HTMLElement} pane
   * @param {number} top
   */
  function scroll(pane, top) {
    pane.scrollTo({ top, behavior: "instant" });
  }

  /**
   * @param {HTMLElement} pane
   * @param {number} withinMs
   * @returns {Promise<void>} once nothing changed in the pane for a moment, or after `withinMs`
   */
  async function settled(pane, withinMs) {
    await new Promise((resolve) => {
      let quiet = setTimeout(resolve, QUIET_MS, undefined);
      const observer = new MutationObserver(() => {
        clearTimeout(quiet);
        quiet = setTimeout(resolve, QUIET_MS, undefined);
      });
      observer.observe(pane, { childList: true, subtree: true, characterData: true });
      setTimeout(() => {
        observer.disconnect();
        resolve(undefined);
      }, withinMs);
    });
    await globalThis.sharewiseScroll?.imagesOnScreen();
  }

  /**
   * @param {HTMLElement} pane
   * @param {number} before its length
   * @returns {Promise<void>} once more was loaded, or after a moment
   */
  async function grown(pane, before) {
    const deadline = performance.now() + GROW_MS;
    while (lengthOf(pane) === before && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 2));
    }
  }

  /**
   * @param {Node} root
   * @returns {Generator<Text, void>}
   */
  function* textsOf(root) {
    for (const node of root.childNodes) {
      if (node instanceof Text) yield node;
      else if (node instanceof Element) {
        if (node.shadowRoot) yield* textsOf(node.shadowRoot);
        yield* textsOf(node);
      }
    }
  }

  /**
   * By where they stand, not by their order in the document: lists re-use their rows.
   * @param {HTMLElement} pane
   * @returns {string[]}
   */
  function linesOnScreen(pane) {
    const frame = pane.getBoundingClientRect();
    const range = document.createRange();
    /** @type {Map<number, string[]>} */
    const rows = new Map();
    for (const node of textsOf(pane)) {
      const text = node.data.replace(/\s+/g, " ").trim();
      if (text === "") continue;
      range.selectNodeContents(node);
      const { top, bottom, width } = range.getBoundingClientRect();
      if (width === 0 || bottom <= frame.top || top >= frame.bottom) continue;
      const row = Math.round((top - frame.top) / LINE_PX);
      rows.set(row, [...(rows.get(row) ?? []), text]);
    }
    return [...rows].sort(([a], [b]) => a - b).map(([, texts]) => texts.join(" "));
  }

  /**
   * @param {string[]} found what is on screen now; its beginning may be known already
   */
  function read(found) {
    let overlap = Math.min(lines.length, found.length);
    while (overlap > 0 && !endsWith(lines, found, overlap)) overlap -= 1;
    lines.push(...found.slice(overlap, overlap + Math.max(0, MAX_LINES - lines.length)));
  }

  /**
   * @param {string[]} all
   * @param {string[]} next
   * @param {number} count
   * @returns {boolean} whether the last `count` of `all` are the first of `next`
   */
  function endsWith(all, next, count) {
    for (let at = 0; at < count; at += 1) {
      if (all[all.length - count + at] !== next[at]) return false;
    }
    return true;
  }

  function putBack() {
    if (!displaced) return;
    const { pane, top, timer } = displaced;
    clearTimeout(timer);
    displaced = null;
    globalThis.sharewiseScroll?.restore(pane);
    scroll(pane, top);
  }

  globalThis.sharewisePane = {
    async climb(token) {
      const pane = paneOf(token);
      if (!pane || !displaced) return null;
      const before = lengthOf(pane);
      scroll(pane, -Number.MAX_SAFE_INTEGER);
      await settled(pane, SETTLE_MS);
      await grown(pane, before);
      // What was loaded lies above: where the person was has moved down by as much.
      const added = lengthOf(pane) - before;
      if (displaced.top >= 0) displaced.top += Math.max(0, added);
      const is_at_top = added <= 0 && pane.scrollTop - topOf(pane) < 1;
      return {
        is_at_top,
        steps: Math.ceil(lengthOf(pane) / stepOf(pane)),
        steps_above: Math.ceil((displaced.top - topOf(pane)) / stepOf(pane)),
        other_panes: Math.max(0, (globalThis.sharewiseScroll?.innerPanes().length ?? 1) - 1),
      };
    },

    async step(token, to) {
      const pane = paneOf(token);
      if (!pane) return null;
      const before = lengthOf(pane);
      if (to === "next") scroll(pane, pane.scrollTop + stepOf(pane));
      else if ("top" in to) scroll(pane, to.top);
      else scroll(pane, topOf(pane) + to.steps * stepOf(pane));
      await settled(pane, SETTLE_MS);
      const isAtEnd = () => pane.scrollTop - topOf(pane) >= lengthOf(pane) - 1;
      if (isAtEnd()) await grown(pane, before);
      read(linesOnScreen(pane));
      const steps = Math.ceil(lengthOf(pane) / stepOf(pane));
      return { top: pane.scrollTop, is_at_end: isAtEnd(), steps };
    },

    top: (token) => paneOf(token)?.scrollTop ?? null,

    text: (token) => (displaced?.token === token ? lines.join("\n") : null),

    async putBack(token) {
      const pane = paneOf(token);
      putBack();
      if (pane) await settled(pane, SETTLE_MS);
    },
  };
})();
