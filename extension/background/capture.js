import { PART_BYTES } from "../generated/wire.js";
import { piecesOfBase64, toBase64 } from "../shared/base64.js";
import { Failure } from "../shared/failure.js";
import { SAVING_KEY } from "../shared/saving.js";
import { words } from "../shared/words.js";
import { ARTEFACTS } from "./artefacts/index.js";
import { securityReaderOfBrowser } from "./certificates.js";
import { loadIntoPage, runInPage } from "./page_script.js";
import { aboutThisBrowser, buildRecord } from "./record.js";

/** @typedef {import("./daemon_link.js").DaemonLink} DaemonLink */
/** @typedef {import("./artefacts/artefact.js").CaptureContext} CaptureContext */
/** @typedef {import("../shared/saving.js").SavingState} SavingState */
/** @typedef {{ id: number, windowId: number, url: string, title: string }} SavedTab */
/** @typedef {import("../shared/saving.js").AgeAnswer} AgeAnswer */
/** @typedef {{ case_id: string | null, age_answer: AgeAnswer | null }} Wish */

const SCROLL_SCRIPT = "background/artefacts/in_page/scroll.js";
/** These end a capture; whatever else fails in an artefact costs that artefact only. */
const ENDING = new Set([
  ...["stopped", "page_changed", "page_closed", "page_refused"],
  ...["daemon_gone", "daemon_unreachable", "unknown_capture", "disk_full"],
]);

/** Saves one page at a time. Nothing is called saved before the daemon has sealed it. */
export class PageSaver {
  /** @type {{ stopper: AbortController, tabId: number, capture: Capture } | null} */
  #active = null;
  #daemon;
  #loads;
  #store;
  #badge;
  #askPerson;

  /**
   * @param {object} world
   * @param {Pick<DaemonLink, "call">} world.daemon
   * @param {Pick<import("./page_loads.js").PageLoads, "of">} world.loads
   * @param {Pick<chrome.storage.StorageArea, "get" | "set" | "remove">} world.store
   * @param {(tabId: number, text: string) => void} world.badge
   * @param {() => void} world.askPerson bring up the popup, which shows the question, if it can be
   */
  constructor({ daemon, loads, store, badge, askPerson }) {
    this.#daemon = daemon;
    this.#loads = loads;
    this.#store = store;
    this.#badge = badge;
    this.#askPerson = askPerson;
  }

  /**
   * Begin to save a tab; the rest is told in storage.session.
   * @param {chrome.tabs.Tab} tab
   * @param {Wish} wish
   * @returns {Promise<SavingState>}
   */
  async start(tab, wish = { case_id: null, age_answer: null }) {
    if (this.#active) throw new Failure("busy", "A page is being saved already.");
    const { id, windowId, url, title } = tab;
    if (id === undefined || !url) {
      throw new Failure("page_refused", "The browser does not let add-ons see this page.");
    }
    const stopper = new AbortController();
    const capture = new Capture({
      daemon: this.#daemon,
      tab: { id, windowId, url, title: title ?? "" },
      wish,
      signal: stopper.signal,
      tell: (running) => this.#tell(running),
    });
    this.#active = { stopper, tabId: id, capture };
    /** @type {SavingState} */
    const state = { state: "running", tab_id: id, step: "prepare", done: 0, total: 0 };
    // Not awaited: the page goes on being saved when the popup that asked is closed.
    this.#run(capture, id, state).finally(() => {
      this.#active = null;
    });
    return state;
  }

  stop() {
    this.#active?.stopper.abort(new Failure("stopped", "Stopped; nothing was saved."));
  }

  /** @param {number} tabId a tab that was closed */
  tabClosed(tabId) {
    if (this.#active?.tabId !== tabId) return;
    this.#active.stopper.abort(new Failure("page_closed", "The tab was closed."));
  }

  /**
   * A script that runs in a page which is left may never answer: so leaving is listened for.
   * @param {number} tabId a tab that loads something, perhaps only a part of its page
   */
  async tabLoads(tabId) {
    if (this.#active?.tabId !== tabId) return;
    const { stopper, capture } = this.#active;
    if (await capture.isLeft()) stopper.abort(pageChanged());
  }

  /** Tell of a capture that ended because the worker was killed under it. */
  async recover() {
    const found = await this.#store.get(SAVING_KEY);
    const state = /** @type {SavingState | undefined} */ (found[SAVING_KEY]);
    if (state?.state !== "running" || this.#active) return;
    await this.#tell({ state: "failed", code: "daemon_gone" });
    this.#badge(state.tab_id, "!");
  }

  async dismiss() {
    if (!this.#active) await this.#store.remove(SAVING_KEY);
  }

  /** @param {SavingState} state */
  async #tell(state) {
    await this.#store.set({ [SAVING_KEY]: state });
  }

  /**
   * @param {Capture} capture
   * @param {number} tabId
   * @param {SavingState} state
   */
  async #run(capture, tabId, state) {
    this.#badge(tabId, "…");
    try {
      await this.#tell(state);
      const sealed = await capture.run((loadedFrom) => this.#loads.of(tabId, loadedFrom));
      if (sealed === "age_unknown") {
        await this.#tell({ state: "asking", tab_id: tabId });
        this.#badge(tabId, "?");
        this.#askPerson();
        return;
      }
      await this.#tell({ state: "sealed", sealed, is_text_only: capture.isTextOnly });
      this.#badge(tabId, "✓");
    } catch (thrown) {
      await this.#tell({ state: "failed", code: Failure.from(thrown).code });
      this.#badge(tabId, "!");
    }
  }
}

/** One capture, from its first picture to its seal; or its end without one. */
class Capture {
  #daemon;
  #tab;
  #wish;
  #signal;
  #tell;
  #captureId = "";
  isTextOnly = false;
  #isEntered = false;
  #token = crypto.randomUUID();
  /** @type {import("../generated/wire.js").Missing[]} */
  #missing = [];

  /**
   * @param {object} world
   * @param {Pick<DaemonLink, "call">} world.daemon
   * @param {SavedTab} world.tab
   * @param {Wish} world.wish
   * @param {AbortSignal} world.signal
   * @param {(state: SavingState) => Promise<void>} world.tell
   */
  constructor({ daemon, tab, wish, signal, tell }) {
    this.#daemon = daemon;
    this.#tab = tab;
    this.#wish = wish;
    this.#signal = signal;
    this.#tell = tell;
  }

  /**
   * @param {(loadedFrom: string | null) => Promise<import("./page_loads.js").PageLoad | null>} loadOf
   * @returns {Promise<import("../generated/wire.js").CaptureSealed | "age_unknown">} the latter if
   *   the person must be asked first; then nothing was kept
   */
  async run(loadOf) {
    const clickedAt = new Date();
    const page = await this.#enterPage();
    const begun = await this.#daemon.call("capture.begin", this.#wish, "background");
    this.#captureId = begun.capture_id;
    try {
      const age = this.#wish.age_answer ?? begun.age_answer;
      if (age === "unasked") {
        await this.#giveUp();
        return "age_unknown";
      }
      this.isTextOnly = age !== "adults";
      const load = await loadOf(page.loaded_from);
      const context = this.#context(page);
      for (const artefact of ARTEFACTS) {
        if (!artefact.isAvailable(context)) continue;
        if (context.is_text_only && artefact.hasPictures) {
          this.#miss(artefact.part, "missing_under_18");
        } else await this.#take(artefact, context);
      }
      await this.#leavePage();
      return await this.#seal(context, clickedAt, load);
    } catch (thrown) {
      await this.#giveUp();
      // The browser let us in before: what it refuses now is a page that is just being left.
      throw Failure.from(thrown).code === "page_refused" ? pageChanged() : thrown;
    }
  }

  /** @returns {Promise<import("./artefacts/in_page/page_tools.js").PageMeasure>} */
  async #enterPage() {
    await loadIntoPage(this.#tab.id, SCROLL_SCRIPT);
    const page = await runInPage(this.#tab.id, begin, this.#token);
    // From the click to here the person may have left the page that they meant.
    if (page?.url !== this.#tab.url) throw pageChanged();
    this.#isEntered = true;
    return page;
  }

  /** @returns {Promise<boolean>} whether the tab shows another page than the one entered */
  async isLeft() {
    if (!this.#isEntered) return false;
    const at = await runInPage(this.#tab.id, position, this.#token).catch(() => null);
    return at === null;
  }

  /** If it is another page by now, nothing of this is sealed. */
  async #leavePage() {
    const isSame = await runInPage(this.#tab.id, putBack, this.#token);
    if (!isSame) throw pageChanged();
  }

  /**
   * @param {import("./artefacts/artefact.js").Artefact} artefact
   * @param {CaptureContext} context
   */
  async #take(artefact, context) {
    this.#check();
    await this.#progress(artefact.step, 0, 0);
    context.progress = (done, total) => this.#progress(artefact.step, done, total);
    try {
      await Promise.race([artefact.take(context), aborted(this.#signal)]);
    } catch (thrown) {
      this.#check();
      const { code } = Failure.from(thrown);
      if (ENDING.has(code)) throw thrown;
      console.warn(`capture: ${artefact.step}: ${code}`);
      this.#miss(artefact.part, `missing_${code === "page_hidden" ? code : "failed"}`);
    }
  }

  /**
   * @param {CaptureContext} context
   * @param {Date} clickedAt
   * @param {import("./page_loads.js").PageLoad | null} load
   */
  async #seal(context, clickedAt, load) {
    this.#check();
    await this.#progress("seal", 0, 0);
    const record = buildRecord({
      seen: { url: this.#tab.url, title: this.#tab.title },
      clickedAt,
      finishedAt: new Date(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      page: context.page,
      pageSize: context.page_size,
      tiles: context.tiles,
      scrollSteps: context.scroll_steps,
      load,
      isTlsTold: securityReaderOfBrowser() !== null,
      about: await aboutThisBrowser(),
      missing: this.#missing,
      words,
    });
    const params = { capture_id: this.#captureId, record };
    return this.#daemon.call("capture.seal", params, "background");
  }

  async #giveUp() {
    // Both are courtesies: the page puts itself back, and the daemon drops what nobody seals.
    await runInPage(this.#tab.id, putBack, this.#token).catch(() => undefined);
    const params = { capture_id: this.#captureId };
    await this.#daemon.call("capture.cancel", params, "background").catch(() => undefined);
  }

  /**
   * @param {import("./artefacts/in_page/page_tools.js").PageMeasure} page
   * @returns {CaptureContext}
   */
  #context(page) {
    return {
      tab: this.#tab,
      page,
      token: this.#token,
      tiles: [],
      scroll_steps: 0,
      page_size: page.page,
      is_text_only: this.isTextOnly,
      pane_text: "",
      send: (name, data) => this.#send(name, data),
      place: (tile) => this.#place(tile, page.device_pixel_ratio),
      miss: (name, key, ...values) => this.#miss(name, key, ...values),
      progress: async () => undefined,
      check: () => this.#check(),
    };
  }

  /**
   * @param {string} name
   * @param {{ base64: string } | Blob} data
   */
  async #send(name, data) {
    let sequence = 0;
    for await (const piece of data instanceof Blob ? piecesOfBlob(data) : piecesOf(data)) {
      this.#check();
      const params = { capture_id: this.#captureId, name, sequence, data: piece };
      await this.#daemon.call("capture.part", params, "background");
      sequence += 1;
    }
  }

  /**
   * A courtesy: where it fails, the seal makes the picture of the shots all the same.
   * @param {import("../generated/wire.js").Tile} tile
   * @param {number} device_pixel_ratio
   */
  async #place(tile, device_pixel_ratio) {
    this.#check();
    const params = { capture_id: this.#captureId, tile, device_pixel_ratio };
    try {
      await this.#daemon.call("capture.place", params, "background");
    } catch (thrown) {
      if (ENDING.has(Failure.from(thrown).code)) throw thrown;
    }
  }

  /**
   * @param {string} name
   * @param {string} key
   * @param {...(string | number)} values
   */
  #miss(name, key, ...values) {
    this.#missing.push({ name, why: words(key, ...values) });
  }

  /**
   * @param {import("../shared/saving.js").Step} step
   * @param {number} done
   * @param {number} total
   */
  async #progress(step, done, total) {
    await this.#tell({ state: "running", tab_id: this.#tab.id, step, done, total });
  }

  #check() {
    this.#signal.throwIfAborted();
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<never>} rejects with the signal's reason
 */
function aborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function pageChanged() {
  return new Failure("page_changed", "Another page was loaded while it was saved.");
}

/** @param {{ base64: string }} data */
function piecesOf({ base64 }) {
  return piecesOfBase64(base64, PART_BYTES);
}

/**
 * @param {Blob} blob
 * @returns {AsyncGenerator<string, void>}
 */
async function* piecesOfBlob(blob) {
  for (let at = 0; at < blob.size || at === 0; at += PART_BYTES) {
    const buffer = await blob.slice(at, at + PART_BYTES).arrayBuffer();
    yield toBase64(new Uint8Array(buffer));
  }
}

/**
 * Runs in the page.
 * @param {string} token
 */
function begin(token) {
  return globalThis.sharewiseScroll?.begin(token) ?? null;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function putBack(token) {
  return globalThis.sharewiseScroll?.putBack(token) ?? false;
}

/**
 * Runs in the page.
 * @param {string} token
 */
function position(token) {
  return globalThis.sharewiseScroll?.position(token) ?? null;
}
