/* global sharewiseCard, sharewiseCardParts, sharewiseInspection, sharewiseLine, sharewiseNaming,
   sharewiseOnce, sharewiseTopCard, sharewiseView */
/* exported sharewiseReview */

/**
 * From held files to a decision: looks at them all, asks the person if need be, cleans and proves.
 *
 * @typedef {{files: File[], from: number[]} | null} Decision the files to hand over, in the order
 *   in which they came, and which of those that were held each stands for; null if the person
 *   cancelled
 * @typedef {import("../shared/sharing.js").SharingBegun} SharingBegun
 * @typedef {{items: Item[], line: Line, begun: SharingBegun,
 *   ticked: {always: boolean, neutral: boolean}}} Review
 */
const sharewiseReview = sharewiseOnce(() => {
  const { openLine, tell } = sharewiseLine();
  /** Files looked at side by side; each costs the daemon one session. */
  const WIDTH = 4;
  /** Until then nothing is shown: a clean file passes without a flicker. */
  const SLOW_MS = 2000;
  /** How long the daemon is taken to be awake. */
  const WAKE_MS = 60_000;
  /** A browser may end its worker while that is at work; the next question starts it again. */
  const ATTEMPTS = 2;
  /** At most so long the page waits for a note that is taken. */
  const NOTE_MS = 500;
  /** How often a long look tells how far it is. */
  const PROGRESS_MS = 400;
  /** When the background does not say what the person chose before. @type {SharingBegun} */
  const UNKNOWN = Object.freeze({
    rule: "ask",
    site: null,
    neutral_names: false,
    neutral_dates: false,
  });

  /** @returns {Promise<SharingBegun>} what the person chose before; to ask, if that is not known */
  async function begin() {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const begun = /** @type {SharingBegun | null} */ (await tell("sharing.begin", {}));
      if (begun !== null) return begun;
    }
    return UNKNOWN;
  }

  /**
   * @param {Item[]} items
   * @param {Line} line
   * @param {() => void} [onNews] told when something is known of one, be it before the verdict
   */
  async function judgeAll(items, { ask, cuts }, onNews = () => undefined) {
    await sharewiseInspection().eachLimited(items, WIDTH, async (item) => {
      if (item.outcome !== null) return;
      const cutsBefore = cuts();
      item.outcome = await sharewiseInspection().judge(item.file, ask, (findings) => {
        item.outcome = { state: "private", findings, plan: null };
        onNews();
      });
      // The browser may end its worker at any moment; the next question starts it again.
      if (isOf(item, "daemon") && cuts() !== cutsBefore) {
        item.outcome = await sharewiseInspection().judge(item.file, ask);
      }
      // What was to be cleaned when it was known to be private cannot be any more.
      if (item.outcome.state === "doubt" && item.wish === "remove") item.wish = null;
      onNews();
    });
  }

  /**
   * @param {Item} item
   * @param {Doubt} why
   */
  function isOf({ outcome }, why) {
    return outcome?.state === "doubt" && outcome.why === why;
  }

  /**
   * Clean and prove what is to be cleaned; what is not proved becomes a doubt that the person has
   * not yet decided about.
   *
   * @param {Item[]} items
   * @param {Line} line
   */
  async function cleanAll(items, { ask }) {
    await sharewiseInspection().eachLimited(items, WIDTH, async (item) => {
      const { outcome, file } = item;
      if (outcome?.state !== "private" || sharewiseView().fateOf(item) !== "remove") return;
      const { plan } = outcome;
      if (plan === null) return;
      const { file: cleaned, doubt } = await sharewiseInspection().clean(file, plan, ask);
      if (doubt === null) {
        Object.assign(item, { cleaned, outcome: { state: "fine" } });
      } else if (await isReadable(file)) {
        Object.assign(item, { cleaned, outcome: doubt, wish: null });
      } else {
        const gone = { state: "doubt", why: "unreadable", findings: outcome.findings };
        Object.assign(item, { cleaned: null, outcome: gone, wish: null });
      }
    });
  }

  /**
   * @param {File} file
   * @returns {Promise<boolean>} whether it can still be read
   */
  async function isReadable(file) {
    try {
      await Promise.all([file.slice(0, 1).arrayBuffer(), file.slice(-1).arrayBuffer()]);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Files are read early: one may be gone by the end of a look that took long, and the page that is
   * given it would fail without a word.
   *
   * @param {Item[]} items
   */
  async function findGone(items) {
    await sharewiseInspection().eachLimited(items, WIDTH, async (item) => {
      if (item.outcome?.state !== "fine" || (await isReadable(item.file))) return;
      item.outcome = { state: "doubt", why: "unreadable", findings: [] };
    });
  }

  /** @param {Item[]} items */
  function isAllFine(items) {
    return items.every(({ outcome }) => outcome?.state === "fine");
  }

  /**
   * @param {Item} item
   * @returns {boolean} whether it may go as it is or can be cleaned, all of it having been looked at
   */
  function isSure({ outcome }) {
    return outcome?.state === "fine" || (outcome?.state === "private" && outcome.plan !== null);
  }

  /**
   * @param {Review} review
   * @param {boolean} [isBusy]
   * @returns {View}
   */
  function viewOf({ items, begun, ticked }, isBusy = false) {
    const { getMessage } = chrome.i18n;
    return sharewiseView().view(items, getMessage, sharewiseCardParts().language(), {
      isBusy,
      site: begun.site,
      isAlways: ticked.always,
      isNeutral: ticked.neutral,
    });
  }

  /**
   * The box may have been ticked for another choice, on a card that was there before.
   *
   * @param {Review} review
   * @param {Check["check"]} box
   * @returns {boolean} whether the card shows this box now, and shows it ticked
   */
  function isTicked(review, box) {
    return viewOf(review).checks.some(({ check, isOn }) => check === box && isOn);
  }

  /**
   * What goes to the page: cleaned copies, originals, nothing of what is left out; neutral names
   * and dates for all but what the person shares as it is.
   *
   * @param {Review} review
   * @param {boolean} isAsItIs
   * @returns {Decision}
   */
  function decided({ items, begun, ticked }, isAsItIs) {
    const kept = items.filter((item) => sharewiseView().fateOf(item) !== "leave");
    if (kept.length === 0 && items.length > 0) return null;
    const wanted = { names: ticked.neutral, dates: begun.neutral_dates };
    const treated = kept.filter(
      ({ outcome, cleaned }) => cleaned !== null || (outcome?.state === "fine" && !isAsItIs),
    );
    const neutral = sharewiseNaming().neutralised(
      treated.map(({ file, cleaned }) => cleaned ?? file),
      wanted,
    );
    const files = kept.map((item) => {
      const at = treated.indexOf(item);
      return (at < 0 ? null : neutral[at]) ?? item.cleaned ?? item.file;
    });
    return { files, from: kept.map((item) => items.indexOf(item)) };
  }

  /**
   * Count what was found and cleaned, and remember a choice. Done before the
   * page has the files: it may leave at once, and Firefox complains of questions left behind.
   *
   * @param {Review} review
   * @param {"remove" | "remove_rename" | "share" | null} rule to be remembered for the site
   */
  async function note({ items, line, begun }, rule) {
    const cleaned = items.filter((item) => item.cleaned !== null && item.outcome?.state === "fine");
    const found = items.filter(isFound);
    const counts = { found: found.length, cleaned: cleaned.length };
    if (counts.found > 0) line.count(counts);
    if (rule !== null && begun.site !== null) {
      await Promise.race([tell("sharing.remember", { rule }), after(NOTE_MS)]);
    }
  }

  /**
   * @param {Item} item
   * @returns {boolean} whether something private was found in it, be it that it could not be cleaned
   */
  function isFound({ cleaned, outcome }) {
    if (cleaned !== null || outcome?.state === "private") return true;
    return outcome?.state === "doubt" && outcome.findings.length > 0;
  }

  /**
   * Show the card and do what the person chooses.
   *
   * @param {Review} review
   * @param {Promise<void>} firstLook the look at all items that is under way
   * @param {Promise<void> | null} firstCleaning the cleaning that is under way without a question
   * @returns {Promise<Decision>}
   */
  async function askPerson(review, firstLook, firstCleaning) {
    const { items, line, ticked } = review;
    let look = firstLook.then(() => findGone(items));
    const originals = items.map(({ file }) => file);
    const isCleaning = firstCleaning !== null;
    /** Whether what could not be checked is tried again under the same words. */
    let isTrying = false;
    /** Whether a choice is being carried out. */
    let isAtWork = false;
    const card = sharewiseTopCard().open(viewOf(review, isCleaning), originals);
    const ticking = setInterval(() => {
      const isWaiting = items.some(({ outcome }) => outcome === null);
      if (isWaiting && items.length > 1 && !isTrying) card.update(viewOf(review));
    }, PROGRESS_MS);

    /**
     * @param {Promise<void>} cleaning
     * @param {ReadonlySet<Item>} asTheyAre what could not be judged before it began
     * @returns {Promise<Decision | undefined>} undefined: not proved, the person decides
     */
    async function finish(cleaning, asTheyAre) {
      const done = cleaning.then(() => ({ choice: "done" }));
      // While it works, the only choice that the card takes is Cancel.
      const reply = await Promise.race([done, card.reply()]);
      if ("choice" in reply && reply.choice === "cancel") return null;
      const isProven = items.every((item) => {
        const state = item.outcome?.state;
        if (state === "fine" || asTheyAre.has(item)) return true;
        return state === "private" && sharewiseView().fateOf(item) !== "remove";
      });
      if (isProven) return decided(review, false);
      card.update(viewOf(review));
      return undefined;
    }

    try {
      if (firstCleaning !== null) {
        const decision = await finish(firstCleaning, new Set());
        if (decision !== undefined) {
          if (decision !== null) await note(review, null);
          return decision;
        }
      }
      for (;;) {
        const thisLook = look;
        void thisLook.then(() => {
          if (look !== thisLook) return;
          isTrying = false;
          if (isAllFine(items)) card.choose("share");
          else card.update(viewOf(review, isAtWork));
        });
        const reply = await card.reply();
        if ("check" in reply) {
          ticked[reply.check] = reply.isOn;
          card.update(viewOf(review));
          continue;
        }
        if ("fate" in reply) {
          const item = items[reply.index];
          if (item !== undefined) item.wish = reply.fate;
          card.update(viewOf(review));
          continue;
        }
        switch (reply.choice) {
          case "share":
          case "share_cleaned": {
            const isFine = isAllFine(items);
            if (!isFine) await note(review, isTicked(review, "always") ? "share" : null);
            return decided(review, !isFine);
          }
          case "retry": {
            const again = items.filter(({ outcome }) => outcome?.state === "doubt");
            // The same words and buttons for a moment: nothing moves under the person's finger.
            isTrying = true;
            card.update(viewOf(review, true));
            for (const item of again) Object.assign(item, { outcome: null, cleaned: null });
            const newLook = judgeAll(again, line).then(() => findGone(again));
            look = newLook;
            setTimeout(() => {
              if (look === newLook && items.some(({ outcome }) => outcome === null)) {
                isTrying = false;
                card.update(viewOf(review));
              }
            }, SLOW_MS);
            break;
          }
          case "remove":
          case "chosen": {
            const removing = isTicked(review, "neutral") ? "remove_rename" : "remove";
            const rule = reply.choice === "remove" && isTicked(review, "always") ? removing : null;
            const doubtful = items.filter(({ outcome }) => outcome?.state === "doubt");
            isAtWork = true;
            card.update(viewOf(review, true));
            // What is known to be private may still be looked at: only then there is a plan.
            const cleaning = look.then(() => cleanAll(items, line));
            const decision = await finish(cleaning, new Set(doubtful));
            isAtWork = false;
            if (decision === undefined) break;
            if (decision !== null) await note(review, rule);
            return decision;
          }
          default:
            return null;
        }
      }
    } finally {
      clearInterval(ticking);
      card.close();
    }
  }

  /**
   * What the person chose before is known only now: it holds for what is not yet decided, but for
   * the rule of the site, since they may be asked already.
   *
   * @param {Review} review
   * @param {Promise<SharingBegun>} beginning
   */
  async function takeOver(review, beginning) {
    const late = await beginning;
    review.begun = { ...late, rule: "ask" };
    review.ticked.neutral ||= late.neutral_names;
  }

  /**
   * @param {number} milliseconds
   * @returns {Promise<void>}
   */
  function after(milliseconds) {
    return new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    });
  }

  /**
   * Decide about files that the page has not seen yet.
   *
   * @param {readonly File[]} files
   * @param {ReadonlySet<File>} [folders] those that stand for a dropped folder
   * @returns {Promise<Decision>}
   */
  async function reviewFiles(files, folders = new Set()) {
    const line = takeLine();
    /** @type {Item[]} */
    const items = files.map((file) => ({
      file,
      outcome: folders.has(file) ? { state: "doubt", why: "folder", findings: [] } : null,
      cleaned: null,
      wish: null,
    }));
    try {
      const slow = after(SLOW_MS);
      const beginning = begin();
      let onKnown = () => {};
      /** @type {Promise<void>} when something is known of each, be it not all */
      const known = new Promise((resolve) => {
        onKnown = resolve;
      });
      const look = judgeAll(items, line, () => {
        if (items.every(({ outcome }) => outcome !== null)) onKnown();
      });
      /** @type {SharingBegun} */
      const begun = (await Promise.race([beginning, slow])) ?? UNKNOWN;
      const isExempt = begun.rule === "pause" || begun.rule === "share";
      // What is handed over unseen at the person's wish; a folder cannot be handed over.
      if (isExempt && folders.size === 0) {
        return { files: [...files], from: files.map((_, index) => index) };
      }
      const ticked = { always: false, neutral: begun.neutral_names };
      const whole = { items, line, begun, ticked };
      const choosing = begun === UNKNOWN ? takeOver(whole, beginning) : null;
      await Promise.race(begun.rule === "ask" ? [look, slow, known] : [look, slow]);
      if (isAllFine(items)) {
        if (choosing !== null) await Promise.race([choosing, after(SLOW_MS)]);
        return decided(whole, false);
      }
      const isToClean = begun.rule === "remove" && items.every(isSure);
      const cleaning = isToClean ? cleanAll(items, line) : null;
      if (cleaning !== null) {
        await Promise.race([cleaning, after(SLOW_MS)]);
        if (isAllFine(items)) {
          await note(whole, null);
          return decided(whole, false);
        }
      }
      return await sharewiseCard().inTurn(() => askPerson(whole, look, cleaning));
    } finally {
      line.close();
    }
  }

  let wokenAt = Number.NEGATIVE_INFINITY;
  /** Opened while the person still looks for the file, for the review to come. */
  /** @type {{line: Line, closing: ReturnType<typeof setTimeout>} | null} */
  let early = null;

  /** @returns {Line} the one that was opened early, if there is one */
  function takeLine() {
    if (early === null) return openLine();
    const { line, closing } = early;
    clearTimeout(closing);
    early = null;
    return line;
  }

  /**
   * Open the line, and have the daemon started, while the person still looks for the file: both
   * take longer than a look, the daemon's cold start much longer.
   */
  function wake() {
    if (early === null) {
      const line = openLine();
      line.open();
      early = { line, closing: setTimeout(() => takeLine().close(), WAKE_MS) };
    }
    if (performance.now() - wokenAt < WAKE_MS) return;
    wokenAt = performance.now();
    // Giving up a look that does not exist is no error and costs nothing.
    early.line.ask("photo.close", { session_id: "" }).catch(() => undefined);
  }

  return Object.freeze({ review: reviewFiles, wake });
});
