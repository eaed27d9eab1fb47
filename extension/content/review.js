/* global sharewiseBytes, sharewiseCardParts, sharewiseInspection, sharewiseWords, sharewiseCard, sharewiseTopCard */
/* exported sharewiseReview */

/**
 * From held files to a decision: looks at them all, asks the person if need be, cleans and proves.
 *
 * @typedef {{files: File[]} | null} Decision the files to hand over, in the order in which they
 *   came, or null if the person cancelled
 */
const sharewiseReview = (() => {
  /** Files looked at side by side; each costs the daemon one session. */
  const WIDTH = 4;
  /** Until then nothing is shown: a clean file passes without a flicker. */
  const SLOW_MS = 2000;
  /** How long the daemon is taken to be awake. */
  const WAKE_MS = 60_000;

  /**
   * A line to the background that is opened for one review and closed after it: nothing is opened
   * by a page that takes no files.
   *
   * @returns {{ask: Ask, close: () => void}}
   */
  function openLine() {
    /** @type {Map<number, {resolve: (result: unknown) => void, reject: (error: Error) => void}>} */
    const waiting = new Map();
    /** @type {chrome.runtime.Port | null} */
    let port = null;
    let request = 0;

    /** @param {Error} error */
    function failAll(error) {
      port = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    }

    /** @returns {chrome.runtime.Port} */
    function connected() {
      if (port !== null) return port;
      const opened = chrome.runtime.connect({ name: "guard" });
      opened.onMessage.addListener((answer) => {
        const call = waiting.get(answer.request);
        if (call === undefined) return;
        waiting.delete(answer.request);
        if (answer.error === undefined) call.resolve(answer.result);
        else {
          const { code, message } = answer.error;
          call.reject(new sharewiseBytes.InspectionError(code, message));
        }
      });
      opened.onDisconnect.addListener(() => {
        // Reading it keeps Chromium from reporting an error that is dealt with here.
        void chrome.runtime.lastError;
        const gone = "The browser closed the connection to Sharewise; try again.";
        failAll(new sharewiseBytes.InspectionError("daemon_gone", gone));
      });
      port = opened;
      return opened;
    }

    return {
      ask: (method, params) =>
        new Promise((resolve, reject) => {
          request += 1;
          const number = request;
          waiting.set(number, { resolve, reject });
          try {
            connected().postMessage({ request: number, method, params });
          } catch {
            // The extension was updated or removed under this page: only a reload mends that.
            waiting.delete(number);
            const gone = "Sharewise was updated; reload the page.";
            reject(new sharewiseBytes.InspectionError("daemon_gone", gone));
          }
        }),
      close: () => {
        port?.disconnect();
        failAll(new sharewiseBytes.InspectionError("daemon_gone", "The review is over."));
      },
    };
  }

  /**
   * @param {Item[]} items
   * @param {Ask} ask
   */
  async function judgeAll(items, ask) {
    await sharewiseInspection.eachLimited(items, WIDTH, async (item) => {
      item.outcome ??= await sharewiseInspection.judge(item.file, ask);
    });
  }

  /**
   * @param {Item[]} items
   * @param {Ask} ask
   */
  async function cleanAll(items, ask) {
    await sharewiseInspection.eachLimited(items, WIDTH, async (item) => {
      if (item.outcome?.state !== "private") return;
      const { file, doubt } = await sharewiseInspection.clean(item.file, item.outcome.plan, ask);
      item.cleaned = file;
      item.outcome = doubt ?? { state: "fine" };
    });
  }

  /** @param {Item[]} items */
  function isAllFine(items) {
    return items.every(({ outcome }) => outcome?.state === "fine");
  }

  /**
   * @param {Item[]} items
   * @param {boolean} [isBusy]
   * @returns {View}
   */
  function viewOf(items, isBusy = false) {
    const { getMessage } = chrome.i18n;
    return sharewiseWords.view(items, getMessage, sharewiseCardParts.language(), isBusy);
  }

  /**
   * Show the card and do what the person chooses.
   *
   * @param {Item[]} items
   * @param {Ask} ask
   * @param {Promise<void>} firstLook the look at all items that is under way
   * @returns {Promise<Decision>}
   */
  async function askPerson(items, ask, firstLook) {
    let look = firstLook;
    const originals = items.map(({ file }) => file);
    const card = sharewiseTopCard.open(viewOf(items), originals);
    try {
      for (;;) {
        const thisLook = look;
        void thisLook.then(() => {
          if (look !== thisLook) return;
          if (isAllFine(items)) card.choose("share");
          else card.update(viewOf(items));
        });
        const choice = await card.choice();
        switch (choice) {
          case "cancel":
            return null;
          case "share":
          case "share_cleaned":
            return { files: items.map(({ file, cleaned }) => cleaned ?? file) };
          case "retry": {
            const again = items.filter(({ outcome }) => outcome?.state === "doubt");
            // The same words and buttons for a moment: nothing moves under the person's finger.
            card.update(viewOf(items, true));
            for (const item of again) Object.assign(item, { outcome: null, cleaned: null });
            const newLook = judgeAll(again, ask);
            look = newLook;
            setTimeout(() => {
              if (look === newLook && items.some(({ outcome }) => outcome === null)) {
                card.update(viewOf(items));
              }
            }, SLOW_MS);
            break;
          }
          case "remove": {
            card.update(viewOf(items, true));
            const asTheyAre = items.filter(({ outcome }) => outcome?.state === "doubt");
            const done = cleanAll(items, ask).then(() => "done");
            // While it works, the only choice that the card takes is Cancel.
            if ((await Promise.race([done, card.choice()])) === "cancel") return null;
            const isProven = items.every(
              (item) => item.outcome?.state === "fine" || asTheyAre.includes(item),
            );
            if (isProven) return { files: items.map(({ file, cleaned }) => cleaned ?? file) };
            card.update(viewOf(items));
            break;
          }
          default:
            return null;
        }
      }
    } finally {
      card.close();
    }
  }

  /**
   * Decide about files that the page has not seen yet.
   *
   * @param {readonly File[]} files
   * @param {ReadonlySet<File>} [folders] those that stand for a dropped folder
   * @returns {Promise<Decision>}
   */
  async function review(files, folders = new Set()) {
    const { ask, close } = openLine();
    /** @type {Item[]} */
    const items = files.map((file) => ({
      file,
      outcome: folders.has(file) ? { state: "doubt", why: "folder", findings: [] } : null,
      cleaned: null,
    }));
    try {
      const look = judgeAll(items, ask);
      const slow = new Promise((resolve) => {
        setTimeout(resolve, SLOW_MS);
      });
      await Promise.race([look, slow]);
      if (isAllFine(items)) return { files: [...files] };
      return await sharewiseCard.inTurn(() => askPerson(items, ask, look));
    } finally {
      close();
    }
  }

  let wokenAt = Number.NEGATIVE_INFINITY;

  /**
   * Have the daemon started while the person still looks for the file: a cold start takes longer
   * than a look.
   */
  function wake() {
    if (performance.now() - wokenAt < WAKE_MS) return;
    wokenAt = performance.now();
    const { ask, close } = openLine();
    // Giving up a look that does not exist is no error and costs nothing.
    ask("photo.close", { session_id: "" }).then(close, close);
  }

  return Object.freeze({ review, wake });
})();
