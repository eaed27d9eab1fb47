import { Failure } from "../shared/failure.js";
import { DEFAULT_OPTIONS, originOf, siteName } from "../shared/sharing.js";

/** @typedef {import("./router.js").Route} Route */
/** @typedef {import("./router.js").Speaker} Speaker */
/** @typedef {import("../shared/sharing.js").SiteRule["rule"]} KeptRule */
/** @typedef {import("../shared/sharing.js").SharingOptions} SharingOptions */
/** @typedef {import("../shared/sharing.js").SharingBegun} SharingBegun */
/** @typedef {import("../shared/sharing.js").Today} Today */
/** @typedef {Pick<chrome.storage.StorageArea, "get" | "set" | "remove">} Store */

/** In storage.local. */
const OPTIONS_KEY = "sharing_options";
const SITES_KEY = "sharing_sites";
const TODAY_KEY = "sharing_today";
/** In storage.session: gone when the browser is closed. */
const PAUSED_KEY = "sharing_paused";

/** More sites than a person chooses for. */
const MAX_SITES = 1000;
/** More files than are shared at once. */
const MAX_COUNT = 100_000;
/** @type {ReadonlySet<unknown>} */
const KEPT_RULES = new Set(["remove", "remove_rename", "share"]);

/**
 * What the person chose about sharing: for a site, for all, for now; and the counts of the day.
 *
 * A site is remembered only by a deliberate choice on the card, never from a private window, and
 * listed in the options. Of the day only two numbers are kept, and of past days nothing.
 */
export class Sharing {
  #local;
  #session;
  #day;
  #badge;
  /** The day whose count the button shows. */
  #shownDay = "";
  /** Changes wait for each other: reading and writing is not one step. */
  #last = Promise.resolve();

  /**
   * @param {object} world
   * @param {Store} world.local
   * @param {Store} world.session
   * @param {() => string} world.day today, as "2026-11-25" where the person is
   * @param {(text: string) => void} world.badge shows a few letters on the button
   */
  constructor({ local, session, day, badge }) {
    this.#local = local;
    this.#session = session;
    this.#day = day;
    this.#badge = badge;
  }

  /** @returns {ReadonlyMap<string, Route>} */
  routes() {
    const guards = new Set([/** @type {const} */ ("content")]);
    const pages = new Set([/** @type {const} */ ("page")]);
    return new Map(
      /** @type {Array<[string, Route]>} */ ([
        ["sharing.begin", { senders: guards, handle: (_, speaker) => this.#begin(speaker) }],
        ["sharing.remember", { senders: guards, handle: (given, by) => this.#remember(given, by) }],
        ["sharing.overview", { senders: pages, handle: () => this.#overview() }],
        ["sharing.option", { senders: pages, handle: (given) => this.#setOption(given) }],
        ["sharing.site", { senders: pages, handle: (given) => this.#site(given) }],
        ["sharing.pause", { senders: pages, handle: (given) => this.#pause(given) }],
        ["sharing.forget", { senders: pages, handle: (given) => this.#forget(given) }],
      ]),
    );
  }

  /** Show the count of the day: at the start, and after each change; of days before none is kept. */
  async showCount() {
    this.#shownDay = this.#day();
    await this.#change(async () => {
      const { [TODAY_KEY]: kept } = await this.#local.get(TODAY_KEY);
      const { day } = /** @type {{day?: string}} */ (kept ?? {});
      if (day !== undefined && day !== this.#day()) await this.#local.remove(TODAY_KEY);
    });
    const [{ shows_count }, { cleaned }] = await Promise.all([this.#options(), this.#today()]);
    this.#badge(shows_count && cleaned > 0 ? String(Math.min(cleaned, 999)) : "");
  }

  /** Called now and then: the worker may live on past midnight, the count does not. */
  async noteDay() {
    if (this.#shownDay !== this.#day()) await this.showCount();
  }

  /**
   * @param {Speaker} speaker
   * @returns {Promise<SharingBegun>}
   */
  async #begin(speaker) {
    const origin = siteOf(speaker);
    const top = originOf(speaker.tab?.url);
    const [options, sites, paused] = await Promise.all([
      this.#options(),
      this.#sites(),
      this.#paused(),
    ]);
    const isPaused = [origin, top].some((one) => one !== null && paused.includes(one));
    const canRemember = origin !== null && speaker.tab?.incognito !== true;
    const kept = (origin === null ? undefined : sites.get(origin)) ?? "ask";
    const isRenaming = kept === "remove_rename";
    return {
      rule: isPaused ? "pause" : isRenaming ? "remove" : kept,
      site: canRemember ? siteName(origin) : null,
      neutral_names: options.neutral_names || isRenaming,
      neutral_dates: options.neutral_dates,
    };
  }

  /**
   * @param {object} untrusted
   * @param {Speaker} speaker
   */
  async #remember(untrusted, speaker) {
    const { rule } = /** @type {{ rule?: unknown }} */ (untrusted);
    const origin = siteOf(speaker);
    if (!KEPT_RULES.has(rule) || origin === null || speaker.tab?.incognito === true) {
      throw new Failure("invalid_request", "That cannot be remembered.");
    }
    await this.#change(async () => {
      const sites = await this.#sites();
      sites.delete(origin);
      sites.set(origin, /** @type {KeptRule} */ (rule));
      const newest = [...sites].slice(-MAX_SITES);
      await this.#local.set({ [SITES_KEY]: Object.fromEntries(newest) });
    });
    return {};
  }

  /**
   * Add what a guard found and cleaned to the counts of the day; nothing from a private window.
   *
   * @param {object} untrusted
   * @param {Speaker} speaker
   * @returns {Promise<void>} rejects with a Failure if this is no count
   */
  async count(untrusted, speaker) {
    const { found, cleaned } = /** @type {{ found?: unknown, cleaned?: unknown }} */ (untrusted);
    if (!isCount(found) || !isCount(cleaned)) {
      throw new Failure("invalid_request", "This is no count.");
    }
    if (speaker.tab?.incognito === true) return;
    await this.#change(async () => {
      const today = await this.#today();
      const next = { found: today.found + found, cleaned: today.cleaned + cleaned };
      await this.#local.set({ [TODAY_KEY]: { day: this.#day(), ...next } });
    });
    await this.showCount();
  }

  async #overview() {
    await this.noteDay();
    const [options, sites, today] = await Promise.all([
      this.#options(),
      this.#sites(),
      this.#today(),
    ]);
    const listed = [...sites].map(([origin, rule]) => ({ origin, rule }));
    return { options, sites: listed.toReversed(), today };
  }

  /** @param {object} untrusted */
  async #setOption(untrusted) {
    const { name, is_on } = /** @type {{ name?: unknown, is_on?: unknown }} */ (untrusted);
    if (!Object.keys(DEFAULT_OPTIONS).includes(String(name)) || typeof is_on !== "boolean") {
      throw new Failure("invalid_request", "There is no such option.");
    }
    await this.#change(async () => {
      const options = { ...(await this.#options()), [String(name)]: is_on };
      await this.#local.set({ [OPTIONS_KEY]: options });
    });
    await this.showCount();
    return this.#options();
  }

  /** @param {object} untrusted */
  async #site(untrusted) {
    const origin = originIn(untrusted);
    const [sites, paused] = await Promise.all([this.#sites(), this.#paused()]);
    return { rule: sites.get(origin) ?? "ask", is_paused: paused.includes(origin) };
  }

  /** @param {object} untrusted */
  async #pause(untrusted) {
    const origin = originIn(untrusted);
    const { is_paused } = /** @type {{ is_paused?: unknown }} */ (untrusted);
    await this.#change(async () => {
      const others = (await this.#paused()).filter((one) => one !== origin);
      await this.#session.set({ [PAUSED_KEY]: is_paused === true ? [...others, origin] : others });
    });
    return {};
  }

  /** The last window was closed: a pause does not outlast it. */
  async endPauses() {
    await this.#change(() => this.#session.remove(PAUSED_KEY));
  }

  /** @param {object} untrusted */
  async #forget(untrusted) {
    const origin = originIn(untrusted);
    await this.#change(async () => {
      const sites = await this.#sites();
      sites.delete(origin);
      if (sites.size === 0) await this.#local.remove(SITES_KEY);
      else await this.#local.set({ [SITES_KEY]: Object.fromEntries(sites) });
    });
    return {};
  }

  /**
   * @param {() => Promise<void>} change
   * @returns {Promise<void>}
   */
  #change(change) {
    const mine = this.#last.then(change);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** @returns {Promise<SharingOptions>} */
  async #options() {
    const { [OPTIONS_KEY]: kept } = await this.#local.get(OPTIONS_KEY);
    return { ...DEFAULT_OPTIONS, .../** @type {object | undefined} */ (kept) };
  }

  /** @returns {Promise<Map<string, KeptRule>>} in the order in which they were chosen */
  async #sites() {
    const { [SITES_KEY]: kept } = await this.#local.get(SITES_KEY);
    const entries = Object.entries(/** @type {object | undefined} */ (kept) ?? {});
    return new Map(entries.filter(([, rule]) => KEPT_RULES.has(rule)));
  }

  /** @returns {Promise<string[]>} */
  async #paused() {
    const { [PAUSED_KEY]: kept } = await this.#session.get(PAUSED_KEY);
    return /** @type {string[] | undefined} */ (kept) ?? [];
  }

  /** @returns {Promise<Today>} */
  async #today() {
    const { [TODAY_KEY]: kept } = await this.#local.get(TODAY_KEY);
    const { day, found, cleaned } = /** @type {Partial<Today & {day: string}>} */ (kept ?? {});
    if (day !== this.#day()) return { found: 0, cleaned: 0 };
    return { found: found ?? 0, cleaned: cleaned ?? 0 };
  }
}

/**
 * The site that takes the files: of the frame itself, not of the page around it.
 *
 * @param {Speaker} speaker
 * @returns {string | null} null for frames that are of no site (sandboxed, about:blank)
 */
function siteOf(speaker) {
  if (speaker.origin === "null") return null;
  return originOf(speaker.url);
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isCount(value) {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_COUNT;
}

/**
 * @param {object} untrusted
 * @returns {string}
 */
function originIn(untrusted) {
  const { origin } = /** @type {{ origin?: unknown }} */ (untrusted);
  const found = typeof origin === "string" ? originOf(origin) : null;
  if (found === null) throw new Failure("invalid_request", "This is no web site.");
  return found;
}
